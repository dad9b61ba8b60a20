"""Draw the pictures of the README and the documentation: ``python docs/pictures.py``."""

import pathlib

from micrograd_vn import Value, dot, draw, tanh
from micrograd_vn.diagram import Diagram
from micrograd_vn.exercises import cau3, cau4


def neuron() -> Diagram:
    """Return a neuron with two inputs, as a diagram."""
    inputs = [Value(2.0, "x₁"), Value(0.5, "x₂")]
    weights = [Value(-1.5, "w₁"), Value(1.0, "w₂")]
    n = dot(weights, inputs, bias=Value(3.0, "b"))
    n.label = "n"
    output = tanh(n)
    output.label = "o"
    output.backward()
    return draw(output)


PICTURES = {
    "cau3": lambda: cau3().draw(),
    "cau4": lambda: cau4().draw(),
    "neuron": neuron,
}


if __name__ == "__main__":
    for name, picture in PICTURES.items():
        path = pathlib.Path(__file__).with_name(f"{name}.svg")
        path.write_bytes(picture().pipe())
        print(path)
