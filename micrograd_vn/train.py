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
        numbers. Only their shapes matter, unless `model` or `loss` decides by the data.
    penalty
        Added to the mean: a value made from the parameters, such as a sum of squares.
    modules
        ``"math"``, ``"numpy"`` or `jax.numpy`, which is compiled further by `jax.jit`.

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
        self.parameters = model.parameters()
        self.modules = modules
        inputs = [Value(number) for number in x]
        target: Any = [Value(t) for t in y] if isinstance(y, Iterable) else Value(y)
        output = loss(model(inputs), target)  # type: ignore[operator]
        results = [output, *grad(output, self.parameters)]
        self.point = lambdify([inputs, target, self.parameters], results, modules)
        self.several_targets = isinstance(target, list)
        if modules not in ("math", "numpy"):
            self.jitted = _jitted_mean(self.point)
        self.penalty = None
        if penalty is not None:
            extra = penalty(self.parameters)
            self.penalty = lambdify([self.parameters], [extra, *grad(extra, self.parameters)])

    def __call__(self, X: Sequence[Sequence[float]], Y: Sequence[Any]) -> float:
        """Return the loss, and add its gradients to those of the parameters.

        Parameters
        ----------
        X
            The points, one in each row.
        Y
            Their targets.
        """
        p = [parameter.data for parameter in self.parameters]
        means = self._means(X, Y, p)
        if self.penalty is not None:
            means = [a + b for a, b in zip(means, self.penalty(p), strict=True)]
        loss, *gradients = means
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad += gradient
        return loss

    def _means(self, X: Sequence[Any], Y: Sequence[Any], p: list[float]) -> list[float]:
        if self.modules == "math":
            totals = [0.0] * (len(p) + 1)
            for x, y in zip(X, Y, strict=True):
                totals = [a + b for a, b in zip(totals, self.point(x, y, p), strict=True)]
            return [total / len(X) for total in totals]
        import numpy as np

        columns = list(np.asarray(X, float).T.copy())
        targets: Any = np.asarray(Y, float)
        if self.several_targets:
            targets = list(targets.T.copy())
        if self.modules == "numpy":
            results = map(np.asarray, self.point(columns, targets, p))
            return [float(np.add.reduce(r)) / len(X) if r.ndim else float(r) for r in results]
        return [float(mean) for mean in self.jitted(columns, targets, p)]


def _jitted_mean(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax
    import jax.numpy as jnp

    return jax.jit(
        lambda *arguments: jnp.stack([jnp.mean(result) for result in function(*arguments)])
    )


def fit(
    step: Callable[[Any, Any], float],
    optimizer: Optimizer,
    X: Sequence[Any],
    Y: Sequence[Any],
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
        from tqdm import tqdm

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
