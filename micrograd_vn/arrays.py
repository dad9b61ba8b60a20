"""Forward functions for arrays, where that takes more than one of NumPy's functions.

Each is called with a module that has NumPy's functions, and the operands.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

from micrograd_vn.forward import ALL_EVEN


def sigmoid(np: Any, x: Any) -> Any:
    """Return 1 / (1 + e^-x)."""
    return np.exp(-np.logaddexp(0.0, -x))


def sech(np: Any, x: Any) -> Any:
    """Return 1 / cosh(x)."""
    e = np.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def log_or_nan(np: Any, x: Any) -> Any:
    """Return the logarithm, 0 for 0 and nan below."""
    return np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), np.where(x == 0, 0.0, math.nan))


def power_slope(np: Any, x: Any, y: Any) -> Any:
    """Return ``y * x ** (y - 1)``, which is 0 for y = 0."""
    zero = (y == 0) | ((x == 0) & (y < 0))
    even = abs(y) >= ALL_EVEN
    power = np.power(np.where(even, abs(x), 1.0 * x), np.where(zero, 1.0, y - 1.0))
    return np.where(zero, 0.0, y * power * np.where(even, np.sign(x), 1.0))


def log1p(np: Any, x: Any) -> Any:
    """Return ln(1 + x); below -1/4, where XLA's own is inexact, 1 + x has digits enough."""
    return np.where(x < -0.25, np.log(1.0 + x), np.log1p(x))


def erf(np: Any, x: Any) -> Any:
    """Return erf(x): a series of positive terms near 0, else 1 - erfc."""
    return np.where(abs(x) < 1.0, _series(np.clip(x, -1.0, 1.0), np), 1.0 - erfc(np, x))


def erfc(np: Any, x: Any) -> Any:
    """Return 1 - erf(x): by Laplace's continued fraction where x is large, 0 from 30 on."""
    far = np.clip(abs(x), 1.0, 30.0)
    f = 0.5 * (far + np.sqrt(far * far + 240.0))  # nearly what is cut off
    for k in range(120, 0, -1):
        f = far + 0.5 * k / f
    short = np.round(65536.0 * far) / 65536.0  # its square is exact: e^-x² keeps its digits
    power = np.exp(-short * short) * np.exp((short - far) * (short + far))
    tail = power / f / math.sqrt(math.pi)
    near = 1.0 - _series(np.clip(x, -1.0, 1.0), np)
    return np.where(abs(x) < 1.0, near, np.where(x > 0, tail, 2.0 - tail))


def _series(x: Any, np: Any) -> Any:
    # erf(x) = 2/√π e^-x² Σ 2ⁿ x^(2n + 1) / (1·3·…·(2n + 1)): Abramowitz and Stegun, 7.1.6
    term = total = x
    for n in range(1, 34):
        term = term * (2.0 * x * x) / (2 * n + 1)
        total = total + term
    return 2.0 / math.sqrt(math.pi) * np.exp(-x * x) * total


def largest(np: Any, *xs: Any) -> Any:
    """Return the largest of several."""
    return reduce(np.maximum, xs)


def softmax(np: Any, x: Any, *others: Any) -> Any:
    """Return e^x / (e^x + Σ e^other)."""
    m = largest(np, x, *others)
    return np.exp(x - m) / sum([np.exp(other - m) for other in (x, *others)])


def log_softmax(np: Any, x: Any, *others: Any) -> Any:
    """Return ln(e^x / (e^x + Σ e^other))."""
    m = largest(np, x, *others)
    return (x - m) - excess(np, m, x, *others)


def softmax_rest(np: Any, x: Any, *others: Any) -> Any:
    """Return 1 minus the softmax of x, without the subtraction."""
    m = largest(np, x, *others)
    rest = sum([np.exp(other - m) for other in others])
    return rest / (np.exp(x - m) + rest)


def excess(np: Any, m: Any, *xs: Any) -> Any:
    """Return ln Σ e^(x - m)."""
    return logsumexp(np, *[x - m for x in xs])


def logsumexp(np: Any, *xs: Any) -> Any:
    """Return ln Σ e^x."""
    return reduce(np.logaddexp, xs)


def cross_entropy(np: Any, *operands: Any) -> Any:
    """Return -Σ t ln softmax(h) of logits and targets."""
    n = len(operands) // 2
    logits, targets = operands[:n], operands[n:]
    m = largest(np, *logits)
    below = [
        t * (m - h)
        for h, t in zip(logits, targets, strict=True)
        if not (isinstance(t, float) and t == 0)
    ]
    return sum(below) + sum(targets) * excess(np, m, *logits)
