"""The fast path of training: a model and its loss, compiled once.

A step of training does the same operations on every point, so it need not be recorded
every time. `CompiledLoss` records one point, compiles it with `lambdify`, and then gives
the loss and the gradients of any number of points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from micrograd_vn.engine import Value, grad
from micrograd_vn.nn import Module
from micrograd_vn.optim import Optimizer
from micrograd_vn.readers.codegen import Modules, lambdify
from micrograd_vn.sums import Points, Sums

__all__ = ["CompiledLoss", "fit"]


class CompiledLoss:
    """The mean loss of a model over points, and its gradients, without recording.

    Parameters
    ----------
    model
        The model; its parameters may change between calls, its structure may not.
    loss
        The loss of one point, from the model's output and the target.
    x, y
        A point like those to come: a sequence of numbers, and a number or a sequence of
        numbers. Only their shapes matter, unless `model` or `loss` decides by the data; a loss
        that checks its targets checks this one.
    penalty
        Added to the mean: a value made from the parameters, such as a sum of squares.
    modules
        As for `lambdify`: ``"math"``, ``"numpy"``, or a module with NumPy's functions. With
        `jax.numpy`, the function is compiled further by `jax.jit`, and points that are shared out
        among devices stay there. With `dask.array`, points are arrays of Dask, and each chunk of
        them is worked on where it is.

    Attributes
    ----------
    sums : Sums
        The loss and its gradients added up over points, as a function without side effects.

    Raises
    ------
    ValueError
        `modules` is not known.

    Examples
    --------
    >>> from micrograd_vn.nn import MLP
    >>> from micrograd_vn.optim import SGD
    >>> model = MLP(1, [4, 1], activation="tanh")
    >>> step = CompiledLoss(model, lambda output, y: (output - y) ** 2, [0.0], 0.0)
    >>> optimizer = SGD(model.parameters(), lr=0.2)
    >>> for _ in range(200):
    ...     optimizer.zero_grad()
    ...     loss = step([[-1.0], [0.0], [1.0]], [1.0, 0.0, 1.0])
    ...     optimizer.step()
    >>> loss < 0.01
    True
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Value],
        x: Sequence[float],
        y: float | Sequence[float],
        *,
        penalty: Callable[[list[Value]], Value] | None = None,
        modules: Modules = "math",
    ) -> None:
        name = str(getattr(modules, "__name__", modules))
        if name == "javascript":
            raise ValueError(
                "CompiledLoss: modules is 'math', 'numpy' or a module with NumPy's functions, "
                "not 'javascript'"
            )
        self.parameters = model.parameters()
        inputs = [Value(number) for number in x]
        target: Any = [Value(t) for t in y] if isinstance(y, Iterable) else Value(y)
        output = loss(model(inputs), target)  # type: ignore[operator]
        results = [output, *grad(output, self.parameters)]
        # Of arrays of Dask, each chunk is an array of NumPy's.
        point = lambdify(
            [inputs, target, self.parameters], results, "numpy" if name == "dask.array" else modules
        )
        self.sums = Sums(point, name, len(inputs), len(target) if isinstance(target, list) else 0)
        self.penalty = None
        if penalty is not None:
            extra = penalty(self.parameters)
            self.penalty = lambdify([self.parameters], [extra, *grad(extra, self.parameters)])

    def __call__(self, X: Points, Y: Points) -> float:
        """Return the loss, and add its gradients to those of the parameters.

        Parameters
        ----------
        X
            The points, one in each row.
        Y
            Their targets: one each, or a row each.

        Raises
        ------
        ValueError
            The shapes of `X` and `Y` do not fit, or there are no points.
        """
        p = [parameter.data for parameter in self.parameters]
        means = [total / len(X) for total in self.sums(X, Y, p)]
        if self.penalty is not None:
            means = [a + b for a, b in zip(means, self.penalty(p), strict=True)]
        loss, *gradients = means
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = (parameter.grad or 0.0) + gradient
        return loss


def fit(
    step: Callable[[Any, Any], float],
    optimizer: Optimizer,
    X: Points,
    Y: Points,
    steps: int,
    *,
    schedule: Callable[[int], float] | None = None,
    progress: bool = False,
) -> list[float]:
    """Return the loss before each of `steps` steps of training.

    Parameters
    ----------
    step
        Gives the loss and adds the gradients: a `CompiledLoss`, or a function of your own.
    optimizer
        From `micrograd_vn.optim`.
    X, Y
        The points and their targets, all of which are used in each step.
    steps
        How many steps.
    schedule
        The learning rate of each step, if it is to change.
    progress
        Whether to show a bar, for which the package tqdm is needed.

    Raises
    ------
    ImportError
        `progress` is asked for, but tqdm is not installed.
    """
    counter: Iterable[int] = range(steps)
    if progress:
        from tqdm.auto import tqdm

        counter = bar = tqdm(counter, unit="step")
    losses = []
    for k in counter:
        if schedule is not None:
            optimizer.lr = schedule(k)
        optimizer.zero_grad()
        losses.append(step(X, Y))
        optimizer.step()
        if progress:
            bar.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
    return losses
