"""The table of operations, and the functions made of them.

Each operation is written once: its name, its result from plain numbers, its partial
derivatives, and how it prints. To add one of your own, create an `Op` in the same way,
anywhere.

The partial derivatives use ordinary arithmetic and operations of this table, so that a
rule works on numbers as on values, and a derivative has derivatives itself. Where a
derivative jumps, the rule uses `step`, `sign` or `greater` and not an ``if``, so that it
follows the data.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, overload

from micrograd_vn.engine import Constant, Number, Op, Value, operators

__all__ = [
    "cos",
    "cross_entropy",
    "dot",
    "exp",
    "greater",
    "log",
    "log_softmax",
    "logsumexp",
    "maximum",
    "minimum",
    "relu",
    "sech",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "sqrt",
    "step",
    "tanh",
]


# Forward functions that the standard library lacks, or states with another domain.


def _pow(x: float, y: float) -> float:
    result: Any = x**y
    if isinstance(result, complex):
        raise ValueError("a negative number has no real power with a fractional exponent")
    return float(result)


def _sigmoid(x: float) -> float:
    # e^-|x| cannot overflow.
    e = math.exp(-abs(x))
    return (1.0 if x >= 0 else e) / (1.0 + e)


def _sech(x: float) -> float:
    e = math.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def _maximum(x: float, y: float) -> float:
    return x if x >= y or math.isnan(x) else y


def _minimum(x: float, y: float) -> float:
    return x if x <= y or math.isnan(x) else y


def _log_or_nan(x: float) -> float:
    if x == 0:
        return 0.0
    return math.log(x) if x > 0 else math.nan


def _dot(*operands: float) -> float:
    # n weights, n inputs, and perhaps a bias
    n = len(operands) // 2
    total = operands[-1] if len(operands) % 2 else -0.0  # 0.0 would turn -0.0 into 0.0
    for w, x in zip(operands[:n], operands[n : 2 * n], strict=True):
        total += w * x
    return total


def _dot_partials(out: Any, *operands: Any) -> Sequence[Any]:
    n = len(operands) // 2
    return operands[n : 2 * n] + operands[:n] + (1.0,) * (len(operands) % 2)


def _dot_code(*operands: str) -> str:
    n = len(operands) // 2
    products = [f"{w} * {x}" for w, x in zip(operands[:n], operands[n : 2 * n], strict=True)]
    return " + ".join([*operands[2 * n :], *products])


def _dot_template(*operands: str) -> str:
    n = len(operands) // 2
    products = [f"{w}·{x}" for w, x in zip(operands[:n], operands[n : 2 * n], strict=True)]
    return " + ".join([*products, *operands[2 * n :]])


def _logsumexp(*xs: float) -> float:
    # ln Σ e^x = m + ln(1 + Σ' e^(x - m)), where m is the largest and Σ' leaves it out:
    # nothing overflows, and small terms are not lost beside the 1.
    m = max(xs)
    if math.isinf(m):
        return m
    first = xs.index(m)
    rest = sum([math.exp(x - m) for i, x in enumerate(xs) if i != first])
    return m + math.log1p(rest)


def _cross_entropy(*operands: float) -> float:
    # -Σ t ln softmax(h) = ln Σ e^h - Σ t h, taken relative to the latter
    n = len(operands) // 2
    logits, targets = operands[:n], operands[n:]
    expected = sum([t * h for h, t in zip(logits, targets, strict=True) if t])
    return _logsumexp(*[h - expected for h in logits])


def _cross_entropy_of_arrays(np: Any, *operands: Any) -> Any:
    n = len(operands) // 2
    pairs = zip(operands[:n], operands[n:], strict=True)
    expected = sum([t * h for h, t in pairs if not (isinstance(t, float) and t == 0)])
    return reduce(np.logaddexp, [h - expected for h in operands[:n]])


def _cross_entropy_partials(out: Any, *operands: Any) -> Sequence[Any]:
    n = len(operands) // 2
    logits, targets = operands[:n], operands[n:]
    by_logit = [
        p if isinstance(t, float) and t == 0 else p - t
        for p, t in zip(softmax(logits), targets, strict=True)
    ]
    return by_logit + [-h for h in logits]


def _pow_code(x: str, y: str) -> str:
    # With a whole exponent, Python's own power has nothing complex.
    return f"{x} ** {y}" if re.fullmatch(r"\(?-?\d+\.0\)?", y) else f"pow({x}, {y})"


def _log_or_nan_of_arrays(np: Any, x: Any) -> Any:
    return np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), np.where(x == 0, 0.0, math.nan))


def _sech_of_arrays(np: Any, x: Any) -> Any:
    e = np.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def _power_rule(x: Any, y: Any) -> Any:
    """Return ``y * x ** (y - 1)``, which is 0 for y = 0 even where x is 0."""
    if isinstance(y, Value):
        both_zero = (1 - abs(sign(x))) * (1 - abs(sign(y)))
        return y * x ** (y - 1 + both_zero)
    # A plain number: as one writes it by hand, without an exponent of 0 or 1.
    if y in (0.0, 1.0):
        return y
    return 2.0 * x if y == 2.0 else y * x ** (y - 1)


# Piecewise constant: the derivatives of what has a kink. Their own derivative is 0.

step = Op(
    "step",
    lambda x: float(x > 0),
    lambda out, x: (0.0,),
    arrays=lambda np, x: np.where(x > 0, 1.0, 0.0),
)
sign = Op(
    "sign",
    lambda x: float((x > 0) - (x < 0)),
    lambda out, x: (0.0,),
    arrays=lambda np, x: np.sign(x),
)
greater = Op(
    "greater",
    lambda x, y: 0.5 if x == y else float(x > y),
    lambda out, x, y: (0.0, 0.0),
    arrays=lambda np, x, y: np.where(x == y, 0.5, np.where(x > y, 1.0, 0.0)),
)

# Arithmetic

identity = Op(
    "identity",
    lambda x: x,
    lambda out, x: (1.0,),
    symbol="=",
    template="{}",
    binding=(0, 0),
    code="{}",
)
add = Op(
    "add",
    operator.add,
    lambda out, x, y: (1.0, 1.0),
    symbol="+",
    template="{} + {}",
    binding=(1, 1, 2),
    code="{} + {}",
)
sub = Op(
    "sub",
    operator.sub,
    lambda out, x, y: (1.0, -1.0),
    symbol="−",
    template="{} − {}",
    binding=(1, 1, 2),
    code="{} - {}",
)
mul = Op(
    "mul",
    operator.mul,
    lambda out, x, y: (y, x),
    symbol="×",
    template="{}·{}",
    binding=(2, 2, 3),
    code="{} * {}",
)
div = Op(
    "div",
    operator.truediv,
    lambda out, x, y: (1 / y, -out / y),
    symbol="÷",
    template="{}/{}",
    binding=(2, 2, 3),
    code="{} / {}",
    domain="y != 0",
)
neg = Op(
    "neg",
    operator.neg,
    lambda out, x: (-1.0,),
    symbol="−",
    template="−{}",
    binding=(1, 2),
    code="-{}",
)
absolute = Op(
    "abs",
    abs,
    lambda out, x: (sign(x),),
    symbol="|·|",
    template="|{}|",
    binding=(4, 0),
    code="abs({})",
)
power = Op(
    "pow",
    _pow,
    # The derivative by y is nan for x < 0, and 0 for x = 0.
    lambda out, x, y: (_power_rule(x, y), out * log_or_nan(x)),
    symbol="xʸ",
    template="{}^{}",
    binding=(3, 4, 4),
    code=_pow_code,
    arrays=lambda np, x, y: np.power(1.0 * x, y),
    domain="x > 0 or x == 0 <= y or x < 0 and y % 1 == 0",
)

Value.__add__, Value.__radd__ = operators(add)
Value.__sub__, Value.__rsub__ = operators(sub)
Value.__mul__, Value.__rmul__ = operators(mul)
Value.__truediv__, Value.__rtruediv__ = operators(div)
Value.__pow__, Value.__rpow__ = operators(power)

# Exponentials and logarithms

exp = Op(
    "exp",
    math.exp,
    lambda out, x: (out,),
    arrays=lambda np, x: np.exp(x),
)
log = Op(
    "log",
    math.log,
    lambda out, x: (1 / x,),
    symbol="ln",
    arrays=lambda np, x: np.log(x),
    domain="x > 0",
)
log_or_nan: Op = Op(
    "log_or_nan",
    _log_or_nan,
    lambda out, x: (1 / x,),
    symbol="ln",
    arrays=_log_or_nan_of_arrays,
    domain="x >= 0",
)
sqrt = Op(
    "sqrt",
    math.sqrt,
    lambda out, x: (0.5 / out,),
    symbol="√",
    template="√{}",
    binding=(3, 4),
    arrays=lambda np, x: np.sqrt(x),
    domain="x >= 0",
)

# Trigonometry

sin = Op(
    "sin",
    math.sin,
    lambda out, x: (cos(x),),
    arrays=lambda np, x: np.sin(x),
)
cos: Op = Op(
    "cos",
    math.cos,
    lambda out, x: (-sin(x),),
    arrays=lambda np, x: np.cos(x),
)

# Activations. σ(x)·σ(-x) is σ·(1 - σ), and sech² is 1 - tanh², without the cancellation
# that would leave nothing of them where the unit is saturated.

tanh = Op(
    "tanh",
    math.tanh,
    lambda out, x: (sech(x) ** 2,),
    arrays=lambda np, x: np.tanh(x),
)
sech: Op = Op(
    "sech",
    _sech,
    lambda out, x: (-out * tanh(x),),
    arrays=_sech_of_arrays,
)
sigmoid: Op = Op(
    "sigmoid",
    _sigmoid,
    lambda out, x: (out * sigmoid(-x),),
    symbol="σ",
    arrays=lambda np, x: np.exp(-np.logaddexp(0.0, -x)),
)
relu = Op(
    "relu",
    lambda x: max(x, 0.0),
    lambda out, x: (step(x),),
    symbol="ReLU",
    arrays=lambda np, x: np.maximum(x, 0.0),
)

# The larger and the smaller. At a tie, both operands have half a share.

maximum = Op(
    "maximum",
    _maximum,
    lambda out, x, y: (greater(x, y), greater(y, x)),
    symbol="max",
    arrays=lambda np, x, y: np.maximum(x, y),
)
minimum = Op(
    "minimum",
    _minimum,
    lambda out, x, y: (greater(y, x), greater(x, y)),
    symbol="min",
    arrays=lambda np, x, y: np.minimum(x, y),
)

# Any number of operands

_dot_op = Op(
    "dot",
    _dot,
    _dot_partials,
    template=_dot_template,
    binding=(1, 3),
    code=_dot_code,
)
_logsumexp_op = Op(
    "logsumexp",
    _logsumexp,
    lambda out, *xs: [exp(x - out) for x in xs],
    symbol="LSE",
    arrays=lambda np, *xs: reduce(np.logaddexp, xs),
)
_softmax_op = Op(
    "softmax",
    lambda x, lse: math.exp(x - lse),
    lambda out, x, lse: (out, -out),
    template="e^({} − {})",
    binding=(3, 1, 2),
    code="exp({} - {})",
)
_cross_entropy_op = Op(
    "cross_entropy",
    _cross_entropy,
    _cross_entropy_partials,
    symbol="CE",
    arrays=_cross_entropy_of_arrays,
)


@overload
def dot(ws: Iterable[float], xs: Iterable[float], bias: float | None = None) -> float: ...  # type: ignore[overload-overlap]


@overload
def dot(ws: Iterable[Number], xs: Iterable[Number], bias: Number | None = None) -> Value: ...


def dot(ws: Iterable[Number], xs: Iterable[Number], bias: Number | None = None) -> Number:
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
    operands = [*ws]
    n = len(operands)
    operands += xs
    if len(operands) != 2 * n or n == 0:
        raise ValueError(
            f"dot: needs as many weights as inputs, at least one; got {n} and {len(operands) - n}"
        )
    if bias is not None:
        operands.append(bias)
    return _dot_op(*operands)


@overload
def logsumexp(xs: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]


@overload
def logsumexp(xs: Iterable[Number]) -> Value: ...


def logsumexp(xs: Iterable[Number]) -> Number:
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
    return _logsumexp_op(*_some("logsumexp", xs))


@overload
def log_softmax(xs: Iterable[float]) -> list[float]: ...  # type: ignore[overload-overlap]


@overload
def log_softmax(xs: Iterable[Number]) -> list[Value]: ...


def log_softmax(xs: Iterable[Number]) -> Any:
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
    xs = _some("log_softmax", xs)
    lse = _logsumexp_op(*xs)
    return [x - lse for x in xs]


@overload
def softmax(xs: Iterable[float]) -> list[float]: ...  # type: ignore[overload-overlap]


@overload
def softmax(xs: Iterable[Number]) -> list[Value]: ...


def softmax(xs: Iterable[Number]) -> Any:
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
    xs = _some("softmax", xs)
    lse = _logsumexp_op(*xs)
    return [_softmax_op(x, lse) for x in xs]


@overload
def cross_entropy(logits: Iterable[float], target: int | Iterable[float]) -> float: ...  # type: ignore[overload-overlap]


@overload
def cross_entropy(logits: Iterable[Number], target: int | Iterable[Number]) -> Value: ...


def cross_entropy(logits: Iterable[Number], target: int | Iterable[Number]) -> Number:
    """Return ``-Σ tᵢ ln(softmax(logits)ᵢ)``, recorded as one operation.

    Computed as ``ln Σ e^hᵢ - Σ tᵢ hᵢ`` of the logits h, which is the same for targets
    that add up to 1. The derivative by a logit is ``softmax(h)ᵢ - tᵢ``, by a target ``-hᵢ``.

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
            raise ValueError(f"cross_entropy: {n} logits need {n} targets, got {len(targets)}")
        numbers = [t.data if isinstance(t, Value) else t for t in targets]
        if min(numbers) < 0 or not math.isclose(sum(numbers), 1.0, rel_tol=1e-6):
            raise ValueError(
                f"cross_entropy: targets are probabilities that add up to 1, got {numbers}"
            )
    else:
        try:
            index = operator.index(target)
        except TypeError:
            raise TypeError(
                "cross_entropy: target is the index of a class or a sequence of "
                f"probabilities, not {type(target).__name__} {target!r}"
            ) from None
        if not 0 <= index < n:
            raise IndexError(f"cross_entropy: target {index} is out of range for {n} logits")
        zero, one = Constant(0.0), Constant(1.0)
        targets = [one if i == index else zero for i in range(n)]
    return _cross_entropy_op(*logits, *targets)


def _some(name: str, xs: Iterable[Number]) -> list[Number]:
    xs = list(xs)
    if not xs:
        raise ValueError(f"{name}: needs at least one value, got none")
    return xs
