"""The functions that operations make: those of the table, and those of several numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any, TypeVar

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value
from micrograd_vn.errors import described, message
from micrograd_vn.operators import Number
from micrograd_vn.table import *  # noqa: F403
from micrograd_vn.table import (
    cross_entropy_op,
    dot_op,
    leaky_relu_op,
    log_softmaxes,
    logsumexp_op,
    softmaxes,
)  # fmt: skip

__all__ = ["cross_entropy", "dot", "leaky_relu", "log_softmax", "logsumexp", "softmax"]
__all__ += table.__all__

N = TypeVar("N", bound=Number)


def leaky_relu(x: N, negative_slope: Number = 0.01) -> N:
    """Return ``x`` where it is positive, else ``negative_slope * x``, as PyTorch does.

    Examples
    --------
    >>> leaky_relu(Value(3.0)).data, leaky_relu(Value(-3.0), 0.5).data
    (3.0, -1.5)
    """
    result: N = leaky_relu_op(x, negative_slope)
    return result


def dot(ws: Iterable[N], xs: Iterable[Any], bias: Any = None) -> N:
    """Return ``w₀·x₀ + w₁·x₁ + … (+ bias)``, recorded as one operation.

    Parameters
    ----------
    ws, xs
        As many weights as inputs, at least one.
    bias
        Added to the sum if given.

    Raises
    ------
    ValueError
        `ws` and `xs` differ in length, or are empty.

    Examples
    --------
    >>> w = [Value(0.5), Value(-1.0)]
    >>> y = dot(w, [2.0, 3.0], bias=Value(0.25))
    >>> y.data
    -1.75
    """
    operands: list[Any] = [*ws]
    n = len(operands)
    operands += xs
    if len(operands) != 2 * n or n == 0:
        raise ValueError(message("dot", n, len(operands) - n))
    if bias is not None:
        operands.append(bias)
    result: N = dot_op(*operands)
    return result


def logsumexp(xs: Iterable[N]) -> N:
    """Return ``ln(e^x₀ + e^x₁ + …)``, which never overflows.

    Raises
    ------
    ValueError
        `xs` is empty.

    Examples
    --------
    >>> logsumexp([Value(1000.0), Value(1000.0)]).data  # 1000 + ln 2
    1000.6931471805599
    """
    result: N = logsumexp_op(*_some("logsumexp", xs))
    return result


def log_softmax(xs: Iterable[N]) -> list[N]:
    """Return the logarithms of `softmax`, without rounding a small one to -inf.

    Raises
    ------
    ValueError
        `xs` is empty.

    Examples
    --------
    >>> [y.data for y in log_softmax([Value(0.0), Value(-1000.0)])]
    [0.0, -1000.0]
    """
    return log_softmaxes(_some("log_softmax", xs))


def softmax(xs: Iterable[N]) -> list[N]:
    """Return ``e^xᵢ / (e^x₀ + e^x₁ + …)`` for each of `xs`.

    Raises
    ------
    ValueError
        `xs` is empty.

    Examples
    --------
    >>> [round(y.data, 4) for y in softmax([Value(0.72), Value(-0.96)])]
    [0.8429, 0.1571]
    """
    return softmaxes(_some("softmax", xs))


def cross_entropy(logits: Iterable[N], target: int | Iterable[Any]) -> N:
    """Return ``-Σ tᵢ ln(softmax(logits)ᵢ)``, recorded as one operation.

    Computed as ``Σ tᵢ (ln Σ e^hⱼ - hᵢ)`` of the logits h, the largest of which is subtracted
    first. The derivative by a logit is ``softmax(h)ᵢ - tᵢ``, as the targets add up to 1; by a
    target it is ``-ln(softmax(h)ᵢ)``.

    Parameters
    ----------
    logits
        One number for each class.
    target
        The index of the right class, or the probability of each class.

    Raises
    ------
    IndexError
        The index is not that of a class.
    ValueError
        The probabilities are not as many as the logits, one is negative, or they do
        not add up to 1.
    TypeError
        `target` is neither an integer nor a sequence.

    Examples
    --------
    >>> h = [Value(0.72), Value(-0.96)]
    >>> loss = cross_entropy(h, 0)
    >>> loss.backward()
    >>> round(loss.data, 4), round(h[0].grad, 4), round(h[1].grad, 4)
    (0.1709, -0.1571, 0.1571)
    """
    logits = _some("cross_entropy", logits)
    n = len(logits)
    if isinstance(target, Iterable):
        targets = list(target)
        if len(targets) != n:
            raise ValueError(message("targets", n, len(targets)))
        numbers = [t.data if isinstance(t, Value) else t for t in targets]
        if min(numbers) < 0 or not math.isclose(sum(numbers), 1.0, rel_tol=1e-6):
            raise ValueError(message("probabilities", numbers))
    else:
        try:
            index = operator.index(target)
        except TypeError:
            raise TypeError(message("target", type(target).__name__, repr(target))) from None
        if not 0 <= index < n:
            raise IndexError(message("class", index, n))
        targets = [Constant(float(i == index)) for i in range(n)]
    result: N = cross_entropy_op(*logits, *targets)
    return result


def _some(name: str, xs: Iterable[Any]) -> list[Any]:
    if not isinstance(xs, Iterable):
        raise TypeError(message("no numbers", name, type(xs).__name__, described(xs)))
    xs = list(xs)
    if not xs:
        raise ValueError(message("empty", name))
    return xs
