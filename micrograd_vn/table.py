"""The table of operations.

Each operation is written once: its name, its result from plain numbers, its partial
derivatives, and how it is written. To add one of your own, create an `Op` in the same way,
anywhere.

The partial derivatives use ordinary arithmetic and operations of this table, so that a
rule works on numbers, on values and on formulas, and a derivative has derivatives itself.
Where a derivative jumps, the rule uses `step`, `sign` or `greater` and not an ``if``, so that
it follows the data.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from micrograd_vn import arrays, forward
from micrograd_vn.engine import Constant, Op, Value
from micrograd_vn.errors import ERRORS, check, fail, real
from micrograd_vn.operators import Number, Operators

# fmt: off
__all__ = [
    "atan", "cos", "erf", "exp", "expm1", "gelu", "greater", "log", "log1p", "maximum", "minimum",
    "relu", "sech", "sigmoid", "sign", "sin", "softplus", "sqrt", "step", "tan", "tanh",
]

# Piecewise constant: the derivatives of what has a kink. Their own derivative is 0.

step = Op("step", lambda x: float(x > 0), lambda out, x: (0.0,),
    arrays=lambda np, x: np.where(x > 0, 1.0, 0.0))
sign = Op("sign", lambda x: float((x > 0) - (x < 0)), lambda out, x: (0.0,), arrays="sign")
greater = Op("greater", lambda x, y: 0.5 if x == y else float(x > y), lambda out, x, y: (0.0, 0.0),
    arrays=lambda np, x, y: np.where(x == y, 0.5, np.where(x > y, 1.0, 0.0)))

# Arithmetic

identity = Op("identity", lambda x: x, lambda out, x: (1.0,), symbol="=", code=lambda x: x)
add = Op("add", operator.add, lambda out, x, y: (1.0, 1.0), symbol="+")
sub = Op("sub", operator.sub, lambda out, x, y: (1.0, -1.0), symbol="−")
mul = Op("mul", operator.mul, lambda out, x, y: (y, x), symbol="×")
div = Op("div", operator.truediv, lambda out, x, y: (1 / y, -out / y), symbol="÷", domain="y != 0")
neg = Op("neg", operator.neg, lambda out, x: (-1.0,), symbol="−")
absolute = Op("abs", abs, lambda out, x: (sign(x),), symbol="|·|")
# The derivative by y is nan for x < 0, and 0 for x = 0.
power = Op("pow", forward.power, lambda out, x, y: (_power_rule(x, y), out * log_or_nan(x)),
    symbol="xʸ", arrays=lambda np, x, y: np.power(1.0 * x, y),
    domain="x > 0 or x == 0 <= y or x < 0 and y % 1 == 0")
power_slope: Op = Op("power_slope", forward.power_slope,
    lambda out, x, y: (
        y * power_slope(x, y - 1), _power_of_zero_or(x, y - 1) + out * log_or_nan(x),
    ),
    symbol="y·xʸ⁻¹", notation=lambda x, y: y * x ** (y - 1), arrays=arrays.power_slope,
    domain="x > 0 or x == 0 and (y <= 0 or y >= 1) or x < 0 and y % 1 == 0")


def _power_of_zero_or(x: Any, y: Any) -> Any:
    """Return ``x ** y``, which is 1 for x = 0 and a negative y."""
    return x ** (y + (1 - abs(sign(x))) * relu(-y))


def _power_rule(x: Any, y: Any) -> Any:
    """Return ``y * x ** (y - 1)``; of a plain exponent as one writes it by hand."""
    if not isinstance(y, float):
        return power_slope(x, y)
    if y in (0.0, 1.0):
        return y
    if abs(y) >= forward.ALL_EVEN:
        return y * (sign(x) * abs(x) ** (y - 1))
    return 2.0 * x if y == 2.0 else y * x ** (y - 1)


# Exponentials and logarithms

exp = Op("exp", math.exp, lambda out, x: (out,), arrays="exp")
log = Op("log", math.log, lambda out, x: (1 / x,), symbol="ln", arrays="log", domain="x > 0")
log_or_nan: Op = Op("log_or_nan", forward.log_or_nan, lambda out, x: (1 / x,), symbol="ln",
    arrays=arrays.log_or_nan, domain="x >= 0")
log1p = Op("log1p", math.log1p, lambda out, x: (1 / (1 + x),), symbol="ln(1+x)",
    notation=lambda x: log(1 + x), arrays=arrays.log1p, domain="x > -1")
expm1 = Op("expm1", math.expm1, lambda out, x: (exp(x),), symbol="eˣ−1",
    notation=lambda x: exp(x) - 1, arrays="expm1")
sqrt = Op("sqrt", math.sqrt, lambda out, x: (0.5 / out,), symbol="√", arrays="sqrt",
    domain="x >= 0")

# Trigonometry, and bells: e^-x² and 1/(1 + x²)

sin = Op("sin", math.sin, lambda out, x: (cos(x),), arrays="sin")
cos: Op = Op("cos", math.cos, lambda out, x: (-sin(x),), arrays="cos")
tan = Op("tan", math.tan, lambda out, x: (1 + out**2,), arrays="tan")
witch: Op = Op("witch", forward.witch, lambda out, x: (-2 * (x * out) * out,), symbol="1/(1+x²)",
    notation=lambda x: 1 / (1 + x**2), arrays=lambda np, x: 1.0 / (1.0 + x * x))
atan = Op("atan", math.atan, lambda out, x: (witch(x),), arrays="arctan")
bell: Op = Op("bell", forward.bell, lambda out, x: (-2 * x * out,), symbol="e^−x²",
    notation=lambda x: exp(-(x**2)), arrays=lambda np, x: np.exp(-(x * x)))
erf = Op("erf", math.erf, lambda out, x: (2 / math.sqrt(math.pi) * bell(x),), arrays=arrays.erf)
erfc = Op("erfc", math.erfc, lambda out, x: (-2 / math.sqrt(math.pi) * bell(x),),
    arrays=arrays.erfc)

# Activations. σ(x)·σ(-x) is σ·(1 - σ), and sech² is 1 - tanh², without the cancellation
# that would leave nothing of them where the unit is saturated.

tanh = Op("tanh", math.tanh, lambda out, x: (sech(x) ** 2,), arrays="tanh")
sech: Op = Op("sech", forward.sech, lambda out, x: (-out * tanh(x),), arrays=arrays.sech)
sigmoid: Op = Op("sigmoid", forward.sigmoid, lambda out, x: (out * sigmoid(-x),), symbol="σ",
    arrays=arrays.sigmoid)
relu = Op("relu", lambda x: max(x, 0.0), lambda out, x: (step(x),), symbol="ReLU",
    arrays=lambda np, x: np.maximum(x, 0.0))
softplus = Op("softplus", lambda x: relu(x) + log1p(exp(-abs(x))), lambda out, x: (sigmoid(x),),
    notation=lambda x: log(1 + exp(x)))
gelu = Op("gelu", lambda x: 0.5 * x * erfc(-x / forward.SQRT_2),
    lambda out, x: (
        0.5 * erfc(-x / forward.SQRT_2) + x * bell(x / forward.SQRT_2) / math.sqrt(2 * math.pi),
    ),
    symbol="GELU")
leaky_relu_op = Op("leaky_relu", lambda x, slope: relu(x) - slope * relu(-x),
    lambda out, x, slope: (step(x) + slope * (1 - step(x)), -relu(-x)), symbol="LeakyReLU")

# The larger and the smaller. At a tie, both operands have half a share.

maximum = Op("maximum", forward.maximum, lambda out, x, y: (greater(x, y), greater(y, x)),
    symbol="max", arrays="maximum")
minimum = Op("minimum", forward.minimum, lambda out, x, y: (greater(y, x), greater(x, y)),
    symbol="min", arrays="minimum")

# Any number of operands


def _dot_partials(out: Any, *operands: Any) -> Sequence[Any]:
    n = len(operands) // 2
    return operands[n : 2 * n] + operands[:n] + (1.0,) * (len(operands) % 2)


def _products(operands: Sequence[Any]) -> list[Any]:
    n = len(operands) // 2
    return [w * x for w, x in zip(operands[:n], operands[n : 2 * n], strict=True)]


def _cross_entropy_partials(out: Any, *operands: Any) -> Sequence[Any]:
    n = len(operands) // 2
    logits, targets = operands[:n], operands[n:]
    total = _total(targets)
    by_logit = [
        share if isinstance(t, float) and t == 0 else share - t
        for share, t in zip([_scaled(total, p) for p in softmaxes(logits)], targets, strict=True)
    ]
    if _plain(targets) and not _plain(logits):  # then nobody asks for the derivatives by targets
        return by_logit + [0.0] * n
    return by_logit + [-log_p for log_p in log_softmaxes(logits)]


def _total(targets: Sequence[Any]) -> Any:
    """Return what targets add up to: 1.0 for plain numbers that do but for rounding."""
    if not _plain(targets):
        return reduce(operator.add, targets)
    total = math.fsum(targets)
    return 1.0 if abs(total - 1.0) <= 1e-12 else total


def _scaled(total: Any, p: Any) -> Any:
    return p if isinstance(total, float) and total == 1.0 else total * p


def _plain(xs: Iterable[Any]) -> bool:
    return all([isinstance(x, float) for x in xs])


dot_op = Op("dot", forward.dot, _dot_partials,
    notation=lambda *xs: reduce(operator.add, [*_products(xs), *xs[len(xs) // 2 * 2 :]]),
    code=lambda *xs: reduce(operator.add, [*xs[len(xs) // 2 * 2 :], *_products(xs)]))
logsumexp_op = Op("logsumexp", forward.logsumexp, lambda out, *xs: softmaxes(xs), symbol="LSE",
    arrays=arrays.logsumexp)

# softmax of one operand beside the others, and 1 minus it, which keeps its digits where that is
# small. For people, both are written with fractions of exponentials.

softmax_op: Op = Op("softmax", forward.softmax,
    lambda out, x, *others: _softmax_partials(out, x, *others),
    notation=lambda x, *others: exp(x) / reduce(operator.add, map(exp, (x, *others))),
    arrays=arrays.softmax)
softmax_rest_op: Op = Op("softmax_rest", forward.softmax_rest,
    lambda out, x, *others: [-d for d in _softmax_partials(softmax_op(x, *others), x, *others)],
    symbol="1−softmax", notation=lambda x, *others: 1 - softmax_op(x, *others),
    arrays=arrays.softmax_rest)
log_softmax_op: Op = Op("log_softmax", forward.log_softmax,
    lambda out, x, *others: _log_softmax_partials(x, *others), symbol="ln softmax",
    notation=lambda x, *others: log(softmax_op(x, *others)), arrays=arrays.log_softmax)

# That is n operands for each of n results. Where n is large, they share the largest operand m
# and r = ln Σ e^(x - m), so that the size is linear. So nothing overflows, and nothing is lost in
# differences of large numbers. As m cancels out, no derivative goes through it.

largest_op = Op("largest", lambda *xs: max(xs), lambda out, *xs: (0.0,) * len(xs), symbol="max",
    arrays=arrays.largest)
excess_op = Op("excess", forward.excess,
    lambda out, m, *xs: (-1.0, *[softmax_of_many_op(x, m, out) for x in xs]), symbol="LSE−max",
    notation=lambda m, *xs: logsumexp_op(*xs) - m, arrays=arrays.excess)
softmax_of_many_op: Op = Op("softmax_of_many", lambda x, m, r: math.exp((x - m) - r),
    lambda out, x, m, r: (out, -out, -out), symbol="exp", notation=lambda x, m, r: exp(x - (m + r)),
    code=lambda x, m, r: exp((x - m) - r))
log_softmax_of_many_op = Op("log_softmax_of_many", lambda x, m, r: (x - m) - r,
    lambda out, x, m, r: (1.0, -1.0, -1.0), symbol="−",
    notation=lambda x, m, r: x - (m + r), code=lambda x, m, r: (x - m) - r)


def softmaxes(xs: Sequence[Any]) -> list[Any]:
    """Return softmax of `xs`: of a few as one operation each, of many with what they share."""
    return _of_all(forward.softmaxes, softmax_op, softmax_of_many_op, xs)


def log_softmaxes(xs: Sequence[Any]) -> list[Any]:
    """Return the logarithms of softmax of `xs`, in the same way."""
    return _of_all(forward.log_softmaxes, log_softmax_op, log_softmax_of_many_op, xs)


def _of_all(
    numbers: Callable[[Sequence[float]], list[float]], few: Op, many: Op, xs: Sequence[Any]
) -> list[Any]:
    if _plain(xs):
        return numbers(xs)
    if len(xs) <= 8:
        return [few(x, *xs[:i], *xs[i + 1 :]) for i, x in enumerate(xs)]
    m = largest_op(*xs)
    r = excess_op(m, *xs)
    return [many(x, m, r) for x in xs]


def _softmax_partials(p: Any, x: Any, *others: Any) -> Sequence[Any]:
    return [p * softmax_rest_op(x, *others), *[-(p * q) for q in softmaxes((x, *others))[1:]]]


def _log_softmax_partials(x: Any, *others: Any) -> Sequence[Any]:
    return [softmax_rest_op(x, *others), *[-q for q in softmaxes((x, *others))[1:]]]


cross_entropy_op = Op("cross_entropy", forward.cross_entropy, _cross_entropy_partials, symbol="CE",
    arrays=arrays.cross_entropy)

# fmt: on

# Operators and methods of values


def _binary(op: Op) -> tuple[Callable[[Value, Number], Value], Callable[[Value, Number], Value]]:
    """Return the methods for ``value ∘ other`` and for ``other ∘ value``.

    Nearly every node of a graph comes from here, so this is `Value.apply_op` for two operands
    with everything in one function.
    """
    forward, new = op.forward, object.__new__

    def method(self: Value, other: Any) -> Value:
        if other.__class__ is not Value and not isinstance(other, Value):
            other = Constant(real(other, op.name))
        try:
            data = forward(self.data, other.data)
            if data - data:
                check(data, (self, other))
        except ERRORS as error:
            fail(error, op, (self, other))
        node = new(Value)
        node.data = data
        node.grad = 0.0
        node.op = op
        node._label = None
        node._x = self
        node._y = other
        return node

    return method, lambda self, other: method(Constant(real(other, op.name)), self)


def _attach() -> None:
    """Let values, and what stands for them, be computed with."""
    binary = {add: "add", sub: "sub", mul: "mul", div: "truediv", power: "pow"}
    for op, name in binary.items():
        setattr(Operators, f"__{name}__", lambda x, y, op=op: x.apply_op(op, (x, y)))
        setattr(Operators, f"__r{name}__", lambda y, x, op=op: y.apply_op(op, (x, y)))
        forwards, reflected = _binary(op)
        setattr(Value, f"__{name}__", forwards)
        setattr(Value, f"__r{name}__", reflected)
    unary = {neg: "__neg__", identity: "__pos__", absolute: "__abs__"}
    for op in (exp, log, sqrt, sin, cos, tanh, sigmoid, relu):
        unary[op] = op.name
    for op, name in unary.items():
        method = lambda x, op=op: x.apply_op(op, (x,))  # noqa: E731
        method.__name__, method.__doc__ = name, f"Return {op.name} of this value."
        setattr(Operators, name, method)


_attach()
