"""Draw the pictures of the README: ``python docs/pictures.py``."""

import pathlib
import shutil
import tempfile

from micrograd_vn import Value, dot, draw, moons, tanh
from micrograd_vn.exercises import cau3
from micrograd_vn.readers.diagram import Diagram

HERE = pathlib.Path(__file__).parent


def neuron() -> Diagram:
    """Return a neuron with two inputs, as a diagram."""
    inputs = [Value(2.0, "x₁"), Value(0.5, "x₂")]
    weights = [Value(-1.5, "w₁"), Value(1.0, "w₂")]
    n = dot(weights, inputs, bias=Value(3.0, "b")).named("n")
    output = tanh(n).named("o")
    output.backward()
    return draw(output)


DIAGRAMS = {"neuron": neuron}


def two_moons(path: pathlib.Path) -> None:
    """Draw the trained classifier of micrograd's demo."""
    X, y = moons.make_moons()
    model, _ = moons.train(X, y)
    moons.plot(model, X, y, path)


def live(path: pathlib.Path) -> None:
    """Take a picture of the live page of Câu 3, in the middle of its backward pass."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "cau3.html")
        cau3().play().save(file)
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
        chromium = playwright.chromium.launch(**options)
        page = chromium.new_page(
            viewport={"width": 1280, "height": 860}, color_scheme="light", reduced_motion="reduce"
        )
        page.goto(f"{file.as_uri()}#step=8")
        page.wait_for_timeout(500)
        page.screenshot(path=path)
        chromium.close()


if __name__ == "__main__":
    for name, diagram in DIAGRAMS.items():
        (HERE / f"{name}.svg").write_bytes(diagram().pipe())
    two_moons(HERE / "moons.png")
    live(HERE / "live.png")
