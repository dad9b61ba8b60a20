"""The two-moons classifier of micrograd's demo: its data, its training, its picture."""

from __future__ import annotations

import io
import math
import os
import pathlib
import random
from typing import TYPE_CHECKING

from micrograd_vn.engine import Value
from micrograd_vn.files import write
from micrograd_vn.formulas.text import number
from micrograd_vn.nn import MLP, hinge_loss
from micrograd_vn.optim import SGD
from micrograd_vn.readers.codegen import Modules, lambdify
from micrograd_vn.sums import Points
from micrograd_vn.train import CompiledLoss, fit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["accuracy", "make_moons", "plot", "train"]


def make_moons(
    points: int = 100, noise: float = 0.1, seed: int = 0
) -> tuple[list[list[float]], list[float]]:
    """Return points on two half circles that interlock, and their classes, 1 and -1.

    Parameters
    ----------
    points
        How many, half of them on each moon.
    noise
        The standard deviation of the noise on each coordinate.
    seed
        Of the noise.

    Examples
    --------
    >>> X, y = make_moons(4, noise=0.0)
    >>> [[round(x, 3) for x in row] for row in X]
    [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]]
    >>> y
    [-1.0, -1.0, 1.0, 1.0]
    """
    rng = random.Random(seed)
    outer = points // 2
    X, y = [], []
    for moon, n in ((-1.0, outer), (1.0, points - outer)):
        for i in range(n):
            angle = math.pi * i / max(n - 1, 1)
            a, b = math.cos(angle), math.sin(angle)
            if moon > 0:
                a, b = 1 - a, 0.5 - b
            X.append([a + rng.gauss(0, noise), b + rng.gauss(0, noise)])
            y.append(moon)
    return X, y


def train(
    X: Points,
    y: Points,
    *,
    steps: int = 100,
    seed: int = 0,
    modules: Modules = "math",
    progress: bool = False,
) -> tuple[MLP, list[float]]:
    """Return the demo's network, trained, and the loss before each step.

    The network has layers of 16, 16 and 1 neurons; the loss is the mean hinge loss plus
    1e-4 times the sum of squares of the parameters; the learning rate falls from 1.
    """
    model = MLP(2, [16, 16, 1], seed=seed)
    step = CompiledLoss(
        model,
        lambda score, target: hinge_loss([score], [target]),
        X[0],
        y[0],
        penalty=lambda parameters: 1e-4 * sum([p * p for p in parameters], Value(0.0)),
        modules=modules,
    )
    optimizer = SGD(model.parameters())

    def rate(k: int) -> float:
        return 1.0 - 0.9 * k / steps

    return model, fit(step, optimizer, X, y, steps, schedule=rate, progress=progress)


def accuracy(model: MLP, X: Points, y: Points) -> float:
    """Return the share of points whose score has the sign of their class."""
    right = [(model(row) > 0) == (t > 0) for row, t in zip(X, y, strict=True)]
    return float(sum(right) / len(right))


def plot(model: MLP, X: Points, y: Points, path: str | os.PathLike[str] | None = None) -> Figure:
    """Return a picture of the points and of where the model changes its mind.

    Parameters
    ----------
    model
        A network of two inputs and one output.
    X, y
        The points and their classes, 1 and -1.
    path
        Where to write it, if anywhere; its ending says the format.

    Returns
    -------
    matplotlib.figure.Figure
        The picture, which a notebook shows.

    Raises
    ------
    ImportError
        The packages matplotlib and numpy, of the extra ``plot``, are not installed.
    """
    import numpy as np
    from matplotlib.figure import Figure  # and not pyplot, which has a state

    inputs = [Value(0.0), Value(0.0)]
    score = lambdify([*inputs, model.parameters()], model(inputs), "numpy")
    points = np.array(X)
    low, high = points.min(axis=0) - 0.5, points.max(axis=0) + 0.5
    grid = np.meshgrid(np.linspace(low[0], high[0], 300), np.linspace(low[1], high[1], 300))
    z = score(*grid, [p.data for p in model.parameters()])

    class Shown(Figure):
        """A figure that shows itself in a notebook, which else is pyplot's to do."""

        def _repr_png_(self) -> bytes:
            return saved("png")

    def saved(format: str) -> bytes:
        file = io.BytesIO()
        metadata = {"Date": None} if format == "svg" else None
        figure.savefig(file, format=format, dpi=120, metadata=metadata)
        return file.getvalue()

    figure = Shown(figsize=(6, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.contourf(*grid, z > 0, levels=[-0.5, 0.5, 1.5], colors=["#F8D9C4", "#CFE3F7"])
    axes.contour(*grid, z, levels=[0.0], colors="#1F2933")
    for sign, colour, marker in ((-1, "#B3400A", "o"), (1, "#1D5FA8", "s")):
        chosen = np.array(y) == sign
        x, z = points[chosen].T
        of = f"y = {number(sign)}"
        axes.scatter(x, z, c=colour, marker=marker, edgecolors="white", s=45, label=of)
    axes.legend()
    axes.set(xlabel="x₁", ylabel="x₂")
    if path is not None:
        write(path, saved(pathlib.Path(path).suffix[1:] or "png"))
    return figure
