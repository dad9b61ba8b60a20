"""Optimizers, with PyTorch's names and formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable

from micrograd_vn.engine import Value

__all__ = ["SGD", "Adam", "Optimizer"]


class Optimizer:
    """What optimizers have in common.

    Parameters
    ----------
    params
        The values to change.

    Raises
    ------
    ValueError
        `params` is empty.
    """

    lr: float

    def __init__(self, params: Iterable[Value]) -> None:
        self.params = list(params)
        if not self.params:
            raise ValueError("an optimizer needs at least one parameter, got none")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for p in self.params:
            p.grad = 0.0

    def step(self) -> None:
        """Change the parameters by their gradients."""
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
        super().__init__(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.velocity: list[float] = []

    def step(self) -> None:
        """Change the parameters by their gradients."""
        steps = [p.grad + self.weight_decay * p.data for p in self.params]
        if self.momentum:
            # The first velocity is the gradient itself.
            before = self.velocity or [0.0] * len(steps)
            steps = [self.momentum * v + g for v, g in zip(before, steps, strict=True)]
            self.velocity = steps
        for p, step in zip(self.params, steps, strict=True):
            p.data -= self.lr * step


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
        super().__init__(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.mean = [0.0] * len(self.params)
        self.square = [0.0] * len(self.params)
        self.steps = 0

    def step(self) -> None:
        """Change the parameters by their gradients."""
        self.steps += 1
        beta1, beta2 = self.betas
        rate = self.lr / (1 - beta1**self.steps)
        scale = math.sqrt(1 - beta2**self.steps)
        for i, p in enumerate(self.params):
            g = p.grad + self.weight_decay * p.data
            self.mean[i] = m = beta1 * self.mean[i] + (1 - beta1) * g
            self.square[i] = v = beta2 * self.square[i] + (1 - beta2) * g * g
            p.data -= rate * m / (math.sqrt(v) / scale + self.eps)
