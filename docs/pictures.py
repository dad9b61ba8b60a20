"""Draw the pictures of the README, ``python docs/pictures.py``, and that of the architecture."""

import pathlib
import shutil
import tempfile
from collections.abc import Mapping

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


# What the layers are called in a picture.
NAMES = {
    "vi": {
        "machine": "phần lõi",
        "formulas": "công thức",
        "readers": "bộ đọc",
        "networks": "mạng nơ-ron",
        "exercises": "bài tập",
        "command": "dòng lệnh",
    }
}


def architecture(lang: str) -> Diagram:
    """Return which file or folder of the package imports which, as the files themselves say."""
    from tests.test_layers import FILES, LAYERS, imported, module

    imports: dict[str, set[str]] = {}
    for path in FILES:
        name = _part(module(path))
        imports.setdefault(name, set()).update(map(_part, imported(path)))
    diagram = Diagram("architecture", format="svg")
    diagram.attr(rankdir="TB", nodesep="0.15", ranksep="0.5", fontname="sans-serif")
    diagram.attr("node", shape="box", style="rounded,filled", fillcolor="white")
    diagram.attr("node", fontname="sans-serif", fontsize="13", height="0.35", margin="0.2,0.04")
    diagram.attr("edge", color="#5A6B7B", arrowsize="0.6")
    for layer, names in LAYERS.items():
        said = NAMES.get(lang, {}).get(layer, layer)
        parts = sorted({part for part in imports if part.split(".")[0] in names.split()})
        alone = len(parts) == 1  # its box has room for what an arrow might cross above it
        with diagram.subgraph(name=f"cluster_{layer}") as box:
            box.attr(label="" if alone else said, labeljust="l", fontsize="13")
            box.attr(style="filled", color="#E4EDF6")
            for name in parts:
                file = f"{name.replace('.', '/')}/" if name in FOLDERS else f"{name}.py"
                box.node(name, f"{said}\n{file}" if alone and said != layer else file)
    for name, needed in _direct(imports).items():
        for other in sorted(needed):
            diagram.edge(name, other)
    return diagram


FOLDERS = ("formulas", "readers", "readers.player", "exercises", "commands")


def _part(name: str) -> str:
    """Return what of the picture a module is in: the folder, or the file itself."""
    return next((part for part in reversed(FOLDERS) if f"{name}.".startswith(f"{part}.")), name)


def _direct(imports: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the imports without those that others imply."""

    def beyond(name: str) -> set[str]:
        found: set[str] = set()
        waiting = [*imports.get(name, ())]
        while waiting:
            if (part := waiting.pop()) not in found:
                found.add(part)
                waiting += imports.get(part, ())
        return found

    return {
        name: {
            part
            for part in needed - {name}
            if not any(part in beyond(other) for other in needed - {name, part})
        }
        for name, needed in sorted(imports.items())
    }


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
