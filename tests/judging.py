"""Is a program right? Decided by its parts, without tolerances that depend on how it is made.

The numbers of a recorded graph may be far from exact ones although nothing is wrong: rounding
sends a number to the other side of a jump, or is all that a difference leaves. So two questions
are asked instead of one. Is each node what its operation gives at the very numbers of its operands,
to a few roundings? And is the graph, evaluated without rounding, equal to what another way of
computing gives? Nothing depends on conditioning then. Where digits are lost in the second
question, it is asked again with more of them.
"""

import math
import sys

import mpmath as mp

from micrograd_vn import topological_order
from micrograd_vn.engine import Constant

EPS = 2.0**-52
ROUNDINGS = 8  # of one operation
LEAST = 1e-300  # below, floats have fewer digits
PRECISIONS = (300, 1200, 4500)  # bits: the last tells 1e-300 from 0 beside 1e300


class LeftOutError(Exception):
    """Nothing can be said, for the reason given: no derivative, or numbers beyond floats."""


def small_enough(x):
    """Leave out numbers whose exponentials have exponents that fill the memory."""
    if abs(x) > 1e300:
        raise LeftOutError("larger than floats")


class Exact:
    """Numbers of some precision, and which of them count as 0: those that cancelled to nothing."""

    def __init__(self, bits):
        self.bits, self.largest = bits, mp.mpf(1)

    def seen(self, *xs):
        """Take notice of how large numbers are."""
        self.largest = max([self.largest, *[abs(x) for x in xs]])

    def side(self, x):
        """Return −1, 0 or 1: on which side of 0 a number is."""
        if abs(x) <= mp.ldexp(self.largest, -int(0.8 * self.bits)):
            return 0
        return 1 if x > 0 else -1

    def close(self, a, b):
        """Return whether two numbers are equal as far as can be told."""
        return abs(a - b) <= mp.ldexp(self.largest, -self.bits // 2)

    def decides(self, x):
        """Return whether what can be told includes the digits of a float."""
        return mp.ldexp(self.largest, -self.bits // 2) <= max(abs(x) * EPS, 1e-320)


class Plain(Exact):
    """The sides of the numbers themselves, which are floats."""

    def side(self, x):
        return (x > 0) - (x < 0)


def total(xs, m):
    """Return Σ e^(x − m)."""
    return mp.fsum([mp.exp(x - m) for x in xs])


def log_total(xs, m):
    """Return ln Σ e^(x − m) of the largest number m, with the digits of what is added to 1."""
    rest = list(xs)
    if m not in rest:
        return mp.log(total(xs, m))
    rest.remove(m)
    return mp.log1p(total(rest, m))


def split(xs):
    """Return the first half of operands, the second, and what may be left."""
    n = len(xs) // 2
    return xs[:n], xs[n : 2 * n], xs[2 * n :]


def dot(*xs):
    weights, inputs, bias = split(xs)
    return mp.fdot(zip(weights, inputs, strict=True)) + mp.fsum(bias)


def cross_entropy(*xs):
    logits, targets, _ = split(xs)
    m = max(logits)
    below = [t * (m - h) for h, t in zip(logits, targets, strict=True)]
    return mp.fsum([*below, mp.fsum(targets) * log_total(logits, m)])


def log_or_nan(x):
    return mp.mpf(0) if x == 0 else mp.log(x) if x > 0 else mp.nan


def erfc(x):
    """Return erfc(x); of large x, where mpmath fails, what it is but for less than 10^-4000."""
    return mp.erfc(x) if abs(x) <= 100 else mp.mpf(2 * (x < 0))


# What the operations of the table give, by mpmath; of those that jump, by the side of 0.
SMOOTH = {
    **{name: getattr(mp, name) for name in "exp log log1p expm1 sqrt sin cos tan atan".split()},
    "tanh": mp.tanh,
    "sech": mp.sech,
    "erf": lambda x: 1 - erfc(x) if abs(x) > 100 else mp.erf(x),
    "erfc": erfc,
    "identity": lambda x: x,
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "abs": abs,
    "pow": mp.power,
    "power_slope": lambda x, y: mp.mpf(0) if y == 0 or x == 0 > y else y * mp.power(x, y - 1),
    "log_or_nan": log_or_nan,
    "witch": lambda x: 1 / (1 + x * x),
    "bell": lambda x: mp.exp(-x * x),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: max(x, 0) + mp.log1p(mp.exp(-abs(x))),
    "gelu": lambda x: x * erfc(-x / mp.sqrt(2)) / 2,
    "maximum": max,
    "minimum": min,
    "largest": lambda *xs: max(xs),
    "dot": dot,
    "logsumexp": lambda *xs: max(xs) + log_total(xs, max(xs)),
    "excess": lambda m, *xs: log_total(xs, m),
    "softmax": lambda *xs: mp.exp(xs[0] - max(xs)) / total(xs, max(xs)),
    "softmax_rest": lambda *xs: total(xs[1:], max(xs)) / total(xs, max(xs)),
    "softmax_of_many": lambda x, m, r: mp.exp(x - m - r),
    "log_softmax": lambda *xs: (xs[0] - max(xs)) - mp.log(total(xs, max(xs))),
    "log_softmax_of_many": lambda x, m, r: x - m - r,
    "cross_entropy": cross_entropy,
}
JUMPS = {
    "step": lambda side, x: mp.mpf(side(x) > 0),
    "sign": lambda side, x: mp.mpf(side(x)),
    "greater": lambda side, x, y: mp.mpf(1 + side(x - y)) / 2,
    "relu": lambda side, x: x if side(x) > 0 else mp.mpf(0),
    "leaky_relu": lambda side, x, slope: x if side(x) > 0 else slope * x,
}


def exactly(name, xs, exact):
    """Return what an operation of the table gives."""
    return JUMPS[name](exact.side, *xs) if name in JUMPS else SMOOTH[name](*xs)


def products(*xs):
    ws, xs, bias = split(xs)
    return mp.fsum([abs(w * x) for w, x in zip(ws, xs, strict=True)]) + mp.fsum(map(abs, bias))


# What else is rounded on the way: by how many times the result, and by what beside it.
TIMES = {
    "bell": lambda x: x**2,  # the exponent
    "power_slope": lambda x, y: abs((y - 1) * mp.log(abs(x))) if x else 0,  # y − 1 is rounded
    "gelu": lambda x: x**2,
    "softmax": lambda *xs: max(xs) - min(xs),
    "softmax_rest": lambda *xs: max(xs) - min(xs),
    "excess": lambda *xs: max(xs) - min(xs),
    "softmax_of_many": lambda x, m, r: abs(x - m) + abs(r),
}
BESIDE = {
    "dot": products,
    "cross_entropy": products,
    "logsumexp": lambda *xs: max(map(abs, xs)),
    "log_softmax": lambda *xs: max(xs) - min(xs),
    "log_softmax_of_many": lambda x, m, r: abs(x - m) + abs(r),
    "leaky_relu": lambda x, slope: abs(x * slope),
}


def terms(name, xs, result):
    """Return the size of all that is rounded on the way to a result."""
    times, beside = TIMES.get(name), BESIDE.get(name)
    size = abs(result) * (1 + times(*xs) if times else 1)
    return size + beside(*xs) if beside else size


def wrong_node(order, data=None, roundings=ROUNDINGS):
    """Return what is wrong with a node at the numbers of its operands, or nothing.

    Parameters
    ----------
    order
        Values, each after its operands.
    data
        The number of each, if not those that are recorded.
    """
    at = data or {node: node.data for node in order}
    with mp.workprec(200):
        for node in order:
            xs, got = [mp.mpf(at.get(x, x.data)) for x in node.parents], at[node]
            if not xs or not all([mp.isfinite(x) for x in xs]):
                continue
            # Digits that a sum of 200 bits would lose are kept.
            apart = [abs(x) for x in xs if x]
            lost = int(mp.log(max(apart) / min(apart), 2)) if apart else 0
            with mp.workprec(200 + 2 * lost):
                try:
                    want = exactly(node.op.name, xs, Plain(200))
                    most = roundings * EPS * terms(node.op.name, xs, want) + LEAST
                except ZeroDivisionError:
                    if math.isfinite(got):
                        return f"{node.op.name}: {got!r} at a pole"
                    continue
            if abs(want) > sys.float_info.max and got == math.copysign(math.inf, want):
                continue  # as other libraries say where Python says that it is too large
            if mp.isnan(want) != math.isnan(got) or not (mp.isnan(want) or abs(got - want) <= most):
                operands = ", ".join([mp.nstr(x, 17) for x in xs])
                return f"{node.op.name}({operands}): {got!r} for {mp.nstr(want, 20)}"
    return ""


def meant(c):
    """Return what a number of a rule stands for: √(r·πᵏ) where it is one, such as 2/√π."""
    for k in (0, -1, 1):
        r = mp.mpf(c) ** 2 / mp.pi**k
        near = mp.nint(r * 4096) / 4096
        if near and abs(r - near) <= 1e-14 * near:
            return mp.sign(c) * mp.sqrt(near * mp.pi**k)
    return mp.mpf(c)


def evaluated(order, exact):
    """Return all numbers of a graph, of the precision that is set, from those of its leaves."""
    at = {}
    for node in order:
        if node.op is not None:
            at[node] = exactly(node.op.name, [at[x] for x in node.parents], exact)
        else:
            at[node] = meant(node.data) if isinstance(node, Constant) else mp.mpf(node.data)
        exact.seen(at[node])
    return at


def wrong_formula(outputs, other):
    """Return what is wrong with recorded values as formulas, or nothing.

    Parameters
    ----------
    outputs
        Recorded values, with a name each.
    other
        A function that returns their numbers in another way, of the precision that is set,
        and takes an `Exact`.
    """
    order = topological_order(*outputs.values())
    for bits in PRECISIONS:
        with mp.workprec(bits):
            exact = Exact(bits)
            for _ in range(2):  # then it is known how large numbers are
                want = other(exact)
                at = evaluated(order, exact)
            for (name, output), right in zip(outputs.items(), want, strict=True):
                if not exact.close(at[output], right):
                    said = f"{name}: the formula gives {mp.nstr(at[output], 20)}, "
                    said += f"for {mp.nstr(right, 20)}"
                    break
                if not exact.decides(right) and bits != PRECISIONS[-1]:
                    said = name
                    break
            else:
                return ""
    return said
