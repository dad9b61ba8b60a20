"""Draw the pictures of the README and the documentation: ``python docs/pictures.py``."""

import pathlib

import gpt

from micrograd_vn import Value, dot, draw, moons, tanh
from micrograd_vn.diagram import Diagram
from micrograd_vn.exercises import cau3, cau4

HERE = pathlib.Path(__file__).parent


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


DIAGRAMS = {
    "cau3": lambda: cau3().draw(),
    "cau4": lambda: cau4().draw(),
    "neuron": neuron,
}


def two_moons(path: pathlib.Path) -> None:
    """Draw the trained classifier of micrograd's demo."""
    X, y = moons.make_moons()
    model, _ = moons.train(X, y)
    moons.plot(model, X, y, path)


def loss_of_the_language_model(path: pathlib.Path, steps: int = 1000) -> None:
    """Draw the loss of the tutorial's language model while it learns."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    _, losses = gpt.train(steps)
    means = [sum(losses[max(i - 49, 0) : i + 1]) / min(i + 1, 50) for i in range(steps)]
    figure, axes = pyplot.subplots(figsize=(6, 3.5), layout="constrained")
    axes.plot(losses, color="#CFE3F7")
    axes.plot(means, color="#1D5FA8", linewidth=2.5)
    axes.set(xlabel="step", ylabel="loss", ylim=(0, 4))
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    for name, diagram in DIAGRAMS.items():
        (HERE / f"{name}.svg").write_bytes(diagram().pipe())
    two_moons(HERE / "moons.png")
    loss_of_the_language_model(HERE / "gpt-loss.png")
