"""Formulas as a textbook writes them: a table of identities, for people only.

What is computed stays the accurate form in the operation's rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Op
from micrograd_vn.formulas.products import as_fraction, as_sum
from micrograd_vn.formulas.tree import Formula, Name, Number, replaced, same
from micrograd_vn.table import cos, exp, log, sech, sigmoid, sin, sqrt, tanh

Identity: TypeAlias = Callable[..., tuple[Any, Any]]

lse = table.logsumexp_op

_PI = Name("π")
# √(π·x); π is a name where it is written, and a number nowhere.
root_of_pi = Op("root_of_pi", lambda x: math.sqrt(math.pi * x), lambda out, x: (0.5 * out / x,),
    symbol="√π", notation=lambda x: sqrt(_PI if same(x, Number(1)) else x * _PI),
    code=lambda x: sqrt(math.pi * x))  # fmt: skip
# The numbers of rules that have a symbol: √2, √(2·π), 2/√π, ln 2.
_SYMBOLS: dict[float, Formula] = {
    math.sqrt(2): sqrt(Number(2)),
    1 / math.sqrt(2): 1 / sqrt(Number(2)),
    math.sqrt(2 * math.pi): root_of_pi(Number(2)),
    1 / math.sqrt(2 * math.pi): 1 / root_of_pi(Number(2)),
    2 / math.sqrt(math.pi): 2 / root_of_pi(Number(1)),
    **{math.log(n): log(Number(n)) for n in range(2, 11)},
}

# The left side is written as the right side. A star stands for all further operands.
SOFTMAX: list[Identity] = [
    lambda a, b: (a + (b - a), b),
    lambda a, *b: (exp(a - lse(*b)), exp(a) / reduce(add, map(exp, b))),
]
SIGNS: list[Identity] = [
    lambda a, b: ((-a) * b, -(a * b)),
    lambda a, b: ((-a) / b, -(a / b)),
    lambda a, b: (a + (-b), a - b),
]
DERIVATIVES: list[Identity] = [
    # signs
    lambda a: (table.neg(-a), a),
    lambda a, b: (a + (-b), a - b),
    lambda a, b: (a - (-b), a + b),
    lambda a: (1 - (1 - a), a),
    # 0 and 1
    lambda a: (a + 0, a),
    lambda a: (0 + a, a),
    lambda a: (a - 0, a),
    lambda a: (0 - a, -a),
    lambda a: (a * 0, Number(0)),
    lambda a: (0 * a, Number(0)),
    lambda a: (0 / a, Number(0)),
    lambda a: (a**1, a),
    lambda a: (a**0, Number(1)),
    # sums in sums
    lambda a, b, c: (a + (b + c), a + b + c),
    lambda a, b, c: (a + (b - c), a + b - c),
    # fractions
    lambda a, b, c: (a / c + b / c, (a + b) / c),
    lambda a, b, c: (a / c - b / c, (a - b) / c),
    lambda a, b, c: (-(a / c) + b / c, (b - a) / c),
    lambda a, b, c: (-(a / c) - b / c, -((a + b) / c)),
    # even and odd functions
    lambda a: (cos(-a), cos(a)),
    lambda a: (sin(-a), -sin(a)),
    lambda a: (tanh(-a), -tanh(a)),
    # derivatives
    lambda a: (sigmoid(-a), 1 - sigmoid(a)),
    lambda a: (sech(a) ** 2, 1 - tanh(a) ** 2),
    lambda a: (a - a**2, a * (1 - a)),
    lambda a: (exp(a) ** 2, exp(2 * a)),
    lambda a, b: (root_of_pi(a) * sqrt(b), root_of_pi(a * b)),
    lambda a: (table.log_or_nan(a), log(a)),
]
# What jumps in the derivative of what has a kink: a solution says what it is, and why.
JUMPS = frozenset({table.step, table.sign, table.greater})
# The derivatives of these are not written with their result: −y/x² and not −z/x for z = y/x.
WRITTEN_OUT = frozenset(x for x in vars(table).values() if isinstance(x, Op)) - {
    table.exp, table.sigmoid, table.softmax_op, table.softmax_of_many_op
}  # fmt: skip


_SEVERAL = Name("several")  # stands for all further operands in a pattern


def textbook(f: Formula) -> Formula:
    """Return a derivative as a textbook writes it."""
    written = replaced(written_out(f), _symbol)
    return replaced(written, lambda node: _rewritten(node, DERIVATIVES_BY_OP))


def _symbol(f: Formula) -> Formula | None:
    """Return what a number of a rule stands for: √2 for 1.41421356…."""
    if not isinstance(f, Number):
        return None
    symbol = _SYMBOLS.get(abs(float(f)))
    return -symbol if symbol is not None and float(f) < 0 else symbol


def signed(f: Formula) -> Formula:
    """Return a formula with its minus signs as one writes them: −y/x for (−y)/x."""
    return replaced(f, lambda node: _rewritten(node, SIGNS_BY_OP))


def written_out(f: Formula) -> Formula:
    """Return a formula with operations written as their notation says."""

    def noted(node: Formula) -> Formula | None:
        if node.op in (None, root_of_pi) or node.op.notation is None:
            return _rewritten(node, SOFTMAX_BY_OP)
        written = node.op.notation(*node.parents)
        return replaced(written, lambda part: _rewritten(part, SOFTMAX_BY_OP))

    return replaced(f, noted)


def _rewritten(f: Formula, table_: dict[Op | None, list[Any]]) -> Formula | None:
    """Return what an operation is written as, when its operands are written already."""
    if table_ is DERIVATIVES_BY_OP and (folded := _folded(f)) is not None:
        return folded
    for identity, names, pattern in table_.get(f.op, []):
        found: dict[str, Any] = {}
        if _matches(pattern, f, found):
            _, right = identity(*[found[name] for name in names], *found.get(_SEVERAL.label, []))
            return replaced(right, lambda node: _rewritten(node, table_))
    return None


def _folded(f: Formula) -> Formula | None:
    """Return a product as one fraction, a sum of numbers, and what is subtracted as such."""
    if f.op is table.neg and isinstance(f.parents[0], Number):
        return -f.parents[0]
    simpler = as_sum(f) if f.op in (table.add, table.sub) else as_fraction(f)
    if simpler is not None:
        return replaced(simpler, lambda node: _rewritten(node, DERIVATIVES_BY_OP))
    last = f.parents[-1] if f.parents else None
    if f.op in (table.add, table.sub) and isinstance(last, Number) and last.shown < 0:
        return textbook(f.parents[0] - -last if f.op is table.add else f.parents[0] + -last)
    if f.op is table.add:
        first, second = map(_taken_away, f.parents)
        if first is not None and second is None:  # 1 − x for −x + 1
            return replaced(f.parents[1] - first, lambda node: _rewritten(node, DERIVATIVES_BY_OP))
    numbers = [x.shown for x in f.parents if isinstance(x, Number) and x.shown.is_finite()]
    if f.op in _FOLDED and len(numbers) == 2:
        return Number(_FOLDED[f.op](*numbers))
    return None


def _taken_away(f: Formula) -> Formula | None:
    """Return x for −x, and 1 for −1; but of −y/x, which may come first, nothing."""
    if f.op is table.neg and f.parents[0].op is not table.div:
        return f.parents[0]
    return -f if isinstance(f, Number) and f.shown < 0 else None


_FOLDED: dict[Op | None, Callable[[Decimal, Decimal], Decimal]] = {
    table.add: lambda a, b: a + b,
    table.sub: lambda a, b: a - b,
}


def _matches(pattern: Formula, f: Formula, found: dict[str, Any]) -> bool:
    """Return whether a formula is of the form of a pattern, and put down what its names are."""
    match pattern:
        case Name():
            return same(found.setdefault(pattern.label, f), f)
        case Number():
            return isinstance(f, Number) and float(f) == float(pattern)
    if pattern.op is not f.op:
        return False
    operands = list(f.parents)
    if pattern.parents[-1] is _SEVERAL:
        found[_SEVERAL.label] = operands
        return True
    return all(_matches(a, b, found) for a, b in zip(pattern.parents, operands, strict=True))


def _by_op(identities: list[Identity]) -> dict[Op | None, list[Any]]:
    """Return the identities by the operation of their left side, with names and pattern."""
    by_op: dict[Op | None, list[Any]] = {}
    for identity in identities:
        code: Any = getattr(identity, "__code__")  # noqa: B009
        names = code.co_varnames[: code.co_argcount]
        left, _ = identity(*map(Name, names), *([_SEVERAL] if code.co_flags & 4 else []))
        by_op.setdefault(left.op, []).append((identity, names, left))
    return by_op


SOFTMAX_BY_OP, SIGNS_BY_OP = _by_op(SOFTMAX), _by_op(SIGNS)
DERIVATIVES_BY_OP = _by_op(DERIVATIVES + SOFTMAX)
