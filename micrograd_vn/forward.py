"""Forward functions that the standard library lacks, or states with another domain.

Each takes floats and returns a float, and is accurate wherever a float can be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from micrograd_vn.errors import message

SQRT_2 = math.sqrt(2.0)
ALL_EVEN = 2.0**53  # floats from here on are even, so that y − 1 is rounded to even, too


def power(x: float, y: float) -> float:
    """Return ``x ** y``, which is no complex number."""
    result: Any = x**y
    if isinstance(result, complex):
        raise ValueError(message("power"))
    return float(result)


def power_slope(x: float, y: float) -> float:
    """Return ``y * x ** (y - 1)``, which is 0 for y = 0 even where x is 0.

    So it is for y < 0 there, which stands beside a factor of 0 in the derivative of that.
    """
    if y == 0 or x == 0 > y:
        return 0.0
    if abs(y) >= ALL_EVEN:
        return y * math.copysign(power(abs(x), y - 1), x)
    return y * power(x, y - 1)


def log_or_nan(x: float) -> float:
    """Return the logarithm: 0 for 0, which stands beside a power of 0, and nan below."""
    if x == 0:
        return 0.0
    return math.log(x) if x > 0 else math.nan


def sigmoid(x: float) -> float:
    """Return 1 / (1 + e^-x)."""
    e = math.exp(-abs(x))  # cannot overflow
    return (1.0 if x >= 0 else e) / (1.0 + e)


def sech(x: float) -> float:
    """Return 1 / cosh(x)."""
    e = math.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def softplus(x: float) -> float:
    """Return ln(1 + e^x)."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def bell(x: float) -> float:
    """Return e^-x²."""
    return math.exp(-(x * x))


def witch(x: float) -> float:
    """Return 1 / (1 + x²)."""
    return 1.0 / (1.0 + x * x) if abs(x) < 1e100 else 1.0 / x / x


def maximum(x: float, y: float) -> float:
    """Return the larger; nan if one is nan."""
    return x if x >= y or math.isnan(x) else y


def minimum(x: float, y: float) -> float:
    """Return the smaller; nan if one is nan."""
    return x if x <= y or math.isnan(x) else y


def dot(*operands: float) -> float:
    """Return the sum of products of n weights and n inputs, and perhaps a bias."""
    n = len(operands) // 2
    total = operands[-1] if len(operands) % 2 else -0.0  # 0.0 would turn -0.0 into 0.0
    for w, x in zip(operands[:n], operands[n : 2 * n], strict=True):
        total += w * x
    return total


def softmax(x: float, *others: float) -> float:
    """Return e^x / (e^x + Σ e^other)."""
    m = max(x, *others) if others else x
    total = sum([math.exp(other - m) for other in others], math.exp(x - m))
    return math.exp(x - m) / total


def softmax_rest(x: float, *others: float) -> float:
    """Return 1 minus the softmax of x, without the subtraction."""
    m = max(x, *others) if others else x
    rest = sum([math.exp(other - m) for other in others])
    return rest / (math.exp(x - m) + rest)


def excess(m: float, *xs: float) -> float:
    """Return ln Σ e^(x - m), where m is the largest: by how much ln Σ e^x exceeds it."""
    if math.isinf(m):
        return 0.0
    # ln(1 + Σ' e^(x - m)), where Σ' leaves the largest out: small terms are not lost.
    first = xs.index(m) if m in xs else -1
    rest = sum([math.exp(x - m) for i, x in enumerate(xs) if i != first])
    return math.log1p(rest) if first >= 0 else math.log(rest)


def logsumexp(*xs: float) -> float:
    """Return ln Σ e^x; nothing overflows."""
    m = max(xs)
    return m + excess(m, *xs)


def softmaxes(xs: Sequence[float]) -> list[float]:
    """Return the softmax of each of `xs`."""
    m = max(xs)
    powers = [math.exp(x - m) for x in xs]
    total = sum(powers)
    return [power / total for power in powers]


def log_softmaxes(xs: Sequence[float]) -> list[float]:
    """Return ln softmax of each of `xs`, relative to the largest."""
    m = max(xs)
    r = excess(m, *xs)
    return [(x - m) - r for x in xs]


def log_softmax(x: float, *others: float) -> float:
    """Return ln(e^x / (e^x + Σ e^other))."""
    return log_softmaxes((x, *others))[0]


def cross_entropy(*operands: float) -> float:
    """Return -Σ t ln softmax(h) of n logits h and n targets t, relative to the largest logit."""
    n = len(operands) // 2
    logits, targets = operands[:n], operands[n:]
    m = max(logits)
    below = sum([t * (m - h) for h, t in zip(logits, targets, strict=True) if t])
    return below + sum(targets) * excess(m, *logits)
