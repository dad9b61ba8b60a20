"""Draw the pictures of the README: ``python docs/pictures.py``."""

import pathlib

from micrograd_vn import Value, dot, draw, moons, tanh
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


if __name__ == "__main__":
    for name, diagram in DIAGRAMS.items():
        (HERE / f"{name}.svg").write_bytes(diagram().pipe())
    two_moons(HERE / "moons.png")
