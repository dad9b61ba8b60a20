"""Optimizers, with PyTorch's names and formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable

from micrograd_vn.engine import Value
from micrograd_vn.errors import described, message
from micrograd_vn.operators import values

__all__ = ["SGD", "Adam", "Optimizer"]


class Optimizer:
    """What optimizers have in common: a subclass says by how much a gradient moves a parameter.

    As in PyTorch, a parameter whose `grad` is None is left alone. Before any `backward` it is 0
    here, which is a gradient: momentum and decay go on.

    Parameters
    ----------
    params
        The values to change.
    lr
        The learning rate; the attribute of this name may be changed between steps.
    weight_decay
        This times a parameter is added to its gradient.

    Raises
    ------
    TypeError
        `params` is no list of values.
    ValueError
        `params` is empty; a value occurs in it twice, or is computed from others.
    """

    def __init__(self, params: Iterable[Value], lr: float, weight_decay: float) -> None:
        self.params = values("an optimizer", "params", params)
        self.lr, self.weight_decay = lr, weight_decay
        if not self.params:
            raise ValueError(message("no parameters"))
        seen: set[Value] = set()
        for p in self.params:
            if p in seen:
                raise ValueError(message("parameter twice", described(p)))
            if p.op is not None:
                raise ValueError(message("parameter computed", described(p), p.op))
            seen.add(p)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for p in self.params:
            p.grad = 0.0

    def step(self) -> None:
        """Change the parameters by their gradients."""
        for i, p in enumerate(self.params):
            if p.grad is not None:
                p.data -= self._change(i, p.grad + self.weight_decay * p.data)

    def _change(self, i: int, gradient: float) -> float:
        """Return what to take from parameter i."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent, as `torch.optim.SGD` states it.

    Parameters
    ----------
    params
        The values to change.
    lr
        The learning rate; the attribute of this name may be changed between steps.
    momentum
        How much of the previous step goes on.
    weight_decay
        This times a parameter is added to its gradient.

    Examples
    --------
    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w**2).backward()
    >>> optimizer.step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.momentum = momentum
        self.velocity = [0.0] * len(self.params)  # so the first is the gradient itself

    def _change(self, i: int, gradient: float) -> float:
        self.velocity[i] = self.momentum * self.velocity[i] + gradient
        return self.lr * self.velocity[i]


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015, algorithm 1), as `torch.optim.Adam` states it.

    Parameters
    ----------
    params
        The values to change.
    lr
        The learning rate; the attribute of this name may be changed between steps.
    betas
        How much of the running means of the gradient and of its square goes on.
    eps
        Added to the denominator.
    weight_decay
        This times a parameter is added to its gradient.

    Examples
    --------
    >>> w = Value(1.0)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w**2).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.betas, self.eps = betas, eps
        self.mean = [0.0] * len(self.params)
        self.square = [0.0] * len(self.params)
        self.steps = [0] * len(self.params)

    def _change(self, i: int, gradient: float) -> float:
        beta1, beta2 = self.betas
        self.steps[i] = k = self.steps[i] + 1
        self.mean[i] = m = beta1 * self.mean[i] + (1 - beta1) * gradient
        self.square[i] = v = beta2 * self.square[i] + (1 - beta2) * gradient * gradient
        scale = math.sqrt(1 - beta2**k)
        return self.lr / (1 - beta1**k) * m / (math.sqrt(v) / scale + self.eps)
