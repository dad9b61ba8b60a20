"""The oracle of the campaign: each operation on a number and its two derivatives along a line.

The rules are those of calculus, in mpmath, and none of the package's.
"""

from typing import NamedTuple

import mpmath as mp

from micrograd_vn import ops
from tests import judging
from tests.judging import LeftOutError, Plain

mp.mp.prec = 200


class Series:
    """A number and its first two derivatives along a line."""

    def __init__(self, x, d=0, dd=0):
        self.x, self.d, self.dd = mp.mpf(x), mp.mpf(d), mp.mpf(dd)

    def through(self, f, df, ddf):
        """Return a function of this, by its value and its two derivatives."""
        return Series(f, df * self.d, ddf * self.d**2 + df * self.dd)

    def __add__(self, other):
        return Series(self.x + other.x, self.d + other.d, self.dd + other.dd)

    def __mul__(self, other):
        dd = self.dd * other.x + 2 * self.d * other.d + self.x * other.dd
        return Series(self.x * other.x, self.d * other.x + self.x * other.d, dd)

    def __neg__(self):
        return Series(-self.x, -self.d, -self.dd)

    def __sub__(self, other):
        return self + -other


exact = Plain(200)  # how sides are told apart now


def power(a, b):
    if a.x > 0:
        return exp(b * log(a))
    if b.d or b.dd or b.x != mp.floor(b.x):
        raise LeftOutError("no derivative by an exponent")
    n, x = int(b.x), a.x
    if abs(n) > 2000 or (x == 0 and n < 2):
        raise LeftOutError("no derivative of a power at 0")
    return a.through(x**n, n * x ** (n - 1), n * (n - 1) * x ** (n - 2) if n > 1 or x else 0)


def exp(a):
    judging.small_enough(a.x)
    e = mp.exp(a.x)
    return a.through(e, e, e)


def log(a):
    if a.x <= 0:
        raise LeftOutError("no logarithm")
    return a.through(mp.log(a.x), 1 / a.x, -1 / a.x**2)


def expm1(a):
    e = exp(a).x
    return a.through(mp.expm1(a.x), e, e)


def log1p(a):
    if a.x <= -1:
        raise LeftOutError("no logarithm")
    return a.through(mp.log1p(a.x), 1 / (1 + a.x), -1 / (1 + a.x) ** 2)


def inverse(a):
    if a.x == 0:
        raise LeftOutError("no quotient")
    return a.through(1 / a.x, -1 / a.x**2, 2 / a.x**3)


def sqrt(a):
    if a.x <= 0:
        raise LeftOutError("no derivative of a root")
    r = mp.sqrt(a.x)
    return a.through(r, 1 / (2 * r), -1 / (4 * r**3))


def sine(a, shift=0):
    s, c = (mp.cos(a.x), -mp.sin(a.x)) if shift else (mp.sin(a.x), mp.cos(a.x))
    return a.through(s, c, -s)


def tan(a):
    t = mp.tan(a.x)
    return a.through(t, 1 + t * t, 2 * t * (1 + t * t))


def sech(a):
    judging.small_enough(a.x)
    s, t = mp.sech(a.x), mp.tanh(a.x)
    return a.through(s, -s * t, s * (t * t - s * s))


def tanh(a):
    judging.small_enough(a.x)
    t = mp.tanh(a.x)
    d = mp.sech(a.x) ** 2
    return a.through(t, d, -2 * t * d)


def sigmoid(a):
    judging.small_enough(a.x)
    s, r = 1 / (1 + mp.exp(-a.x)), 1 / (1 + mp.exp(a.x))
    return a.through(s, s * r, s * r * (r - s))


def softplus(a):
    s = sigmoid(a)
    return a.through(mp.log1p(mp.exp(a.x)), s.x, s.x * (1 / (1 + mp.exp(a.x))))


def erf(a):
    judging.small_enough(a.x)
    d = 2 / mp.sqrt(mp.pi) * mp.exp(-(a.x**2))
    return a.through(judging.SMOOTH["erf"](a.x), d, -2 * a.x * d)


def gelu(a):
    judging.small_enough(a.x)
    density = mp.exp(-(a.x**2) / 2) / mp.sqrt(2 * mp.pi)
    share = judging.erfc(-a.x / mp.sqrt(2)) / 2
    return a.through(a.x * share, share + a.x * density, density * (2 - a.x**2))


def absolute(a):
    return (Series(0), a, -a)[exact.side(a.x)]


def relu(a):
    return a if exact.side(a.x) > 0 else Series(0)


def larger(a, b, sign=1):
    side = exact.side(a.x - b.x) * sign
    return (Series(0.5) * (a + b), a, b)[side]


def leaky(a, slope):
    side = exact.side(a.x)
    if side == 0:
        raise LeftOutError("no second derivative of a kink")
    return a if side > 0 else slope * a


def total(xs):
    result = Series(0)
    for x in xs:
        result = result + x
    return result


def log_softmax(x, *others):
    return -log(total([exp(other - x) for other in (x, *others)]))


def logsumexp(*xs):
    first, *others = sorted(xs, key=lambda x: -x.x)
    return first - log_softmax(first, *others)


def softmax(x, *others):
    return exp(log_softmax(x, *others))


def step(a):
    return Series(exact.side(a.x) > 0)


class Operation(NamedTuple):
    """What an operation is for us, and for the oracle, and how many operands it takes."""

    ours: object
    theirs: object
    operands: int


one = Series(1)
OPERATIONS = {
    "add": Operation(lambda a, b: a + b, lambda a, b: a + b, 2),
    "sub": Operation(lambda a, b: a - b, lambda a, b: a - b, 2),
    "mul": Operation(lambda a, b: a * b, lambda a, b: a * b, 2),
    "div": Operation(lambda a, b: a / b, lambda a, b: a * inverse(b), 2),
    "pow": Operation(lambda a, b: a**b, power, 2),
    "square": Operation(lambda a: a**2, lambda a: a * a, 1),
    "cube": Operation(lambda a: a**3.0, lambda a: a * a * a, 1),
    "reciprocal": Operation(lambda a: a**-1, inverse, 1),
    "twice": Operation(lambda a: 2 * a, lambda a: a + a, 1),
    "complement": Operation(lambda a: 1 - a, lambda a: one - a, 1),
    "neg": Operation(lambda a: -a, lambda a: -a, 1),
    "plus": Operation(lambda a: +a, lambda a: a, 1),
    "abs": Operation(abs, absolute, 1),
    "exp": Operation(ops.exp, exp, 1),
    "log": Operation(ops.log, log, 1),
    "log1p": Operation(ops.log1p, log1p, 1),
    "expm1": Operation(ops.expm1, expm1, 1),
    "sqrt": Operation(ops.sqrt, sqrt, 1),
    "sin": Operation(ops.sin, sine, 1),
    "cos": Operation(ops.cos, lambda a: sine(a, 1), 1),
    "tan": Operation(ops.tan, tan, 1),
    "atan": Operation(
        ops.atan,
        lambda a: a.through(mp.atan(a.x), 1 / (1 + a.x**2), -2 * a.x / (1 + a.x**2) ** 2),
        1,
    ),
    "tanh": Operation(ops.tanh, tanh, 1),
    "sech": Operation(ops.sech, sech, 1),
    "sigmoid": Operation(ops.sigmoid, sigmoid, 1),
    "relu": Operation(ops.relu, relu, 1),
    "softplus": Operation(ops.softplus, softplus, 1),
    "gelu": Operation(ops.gelu, gelu, 1),
    "erf": Operation(ops.erf, erf, 1),
    "step": Operation(ops.step, step, 1),
    "sign": Operation(ops.sign, lambda a: Series(exact.side(a.x)), 1),
    "maximum": Operation(ops.maximum, larger, 2),
    "minimum": Operation(ops.minimum, lambda a, b: larger(a, b, -1), 2),
    "greater": Operation(ops.greater, lambda a, b: Series((1 + exact.side(a.x - b.x)) / 2), 2),
    "leaky_relu": Operation(ops.leaky_relu, leaky, 2),
    "dot": Operation(
        lambda a, b, c, d, e: ops.dot([a, b], [c, d], e), lambda a, b, c, d, e: a * c + b * d + e, 5
    ),
    "logsumexp": Operation(lambda *xs: ops.logsumexp(xs), logsumexp, 3),
    "softmax": Operation(lambda *xs: ops.softmax(xs)[0], softmax, 3),
    "softmax of many": Operation(
        lambda a, b, c: ops.softmax([a, b, c] * 3)[0],
        lambda a, b, c: softmax(a, b, c, a, b, c, a, b, c),
        3,
    ),
    "log_softmax": Operation(lambda *xs: ops.log_softmax(xs)[0], log_softmax, 3),
    "log_softmax of many": Operation(
        lambda a, b, c: ops.log_softmax([a, b, c] * 3)[0],
        lambda a, b, c: log_softmax(a, b, c, a, b, c, a, b, c),
        3,
    ),
    "cross_entropy": Operation(
        lambda *xs: ops.cross_entropy(xs, 1), lambda x, y, z: -log_softmax(y, x, z), 3
    ),
}
