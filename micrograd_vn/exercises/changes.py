"""Changes: what may stand in the place of a part of a formula, a function for each kind of slip.

Called with the part and with what it stands in, each yields what a student may have written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Op, topological_order
from micrograd_vn.formulas.identities import textbook
from micrograd_vn.formulas.names import symbol as parts_of
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import (
    Apply,
    Derivative,
    Formula,
    Name,
    Number,
    differentiate,
    replaced,
    same,
    to_decimals,
)

__all__ = ["ROUNDINGS", "Around", "Change", "Said"]


Said: TypeAlias = "Formula | tuple[Formula, ...]"


class Around(NamedTuple):
    """What a part of a formula stands in.

    Attributes
    ----------
    symbol, formula
        The quantity that is calculated, and how.
    quantities
        Those that may be taken for another: what is given, and what comes before this one.
    symbols, formulas
        All quantities of the exercise that are calculated, and how, by symbol as text.
    """

    symbol: Formula
    formula: Formula
    quantities: tuple[Formula, ...]
    symbols: Mapping[str, Formula]
    formulas: Mapping[str, Formula]

    def defines(self, part: Formula) -> bool:
        """Whether a part is the whole formula."""
        return part is self.formula


class Change(NamedTuple):
    """A part of a formula as it should not be.

    Attributes
    ----------
    now
        What stands in its place.
    said
        What stands in the gaps of the slip's phrase: in each a formula, or several.
    negative
        What has to be negative for this to be a slip, if anything has to.
    """

    now: Formula
    said: tuple[Said, ...] = ()
    negative: Formula | None = None


# Signs


def minus_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.neg:
        yield Change(f.parents[0], f.parents)
    elif _is_symbol(f) or (isinstance(f, Number) and f.shown < 0):
        yield Change(-f, (f,), negative=f)


def minus_added(f: Formula, around: Around) -> Iterator[Change]:
    if f.op in _SIGNED or _is_symbol(f) or around.defines(f):
        yield Change(-f, (f,))


def plus_for_minus(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.sub:
        yield Change(f.parents[0] + f.parents[1], (f.parents[1],))


def minus_for_plus(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.add:
        yield Change(f.parents[0] - f.parents[1], (f.parents[1],))


# What is left out


def path_forgotten(f: Formula, around: Around) -> Iterator[Change]:
    if f.op is table.add and isinstance(around.symbol, Derivative):
        x, y = f.parents
        for kept, lost in ((x, y), (y, x)):
            if any(isinstance(part, Derivative) for part in topological_order(lost)):
                yield Change(kept, (lost,))


def term_forgotten(f: Formula, around: Around) -> Iterator[Change]:
    if f.op is table.sub or (f.op is table.add and not list(path_forgotten(f, around))):
        x, y = f.parents
        yield Change(x, (y,))
        if f.op is table.add or isinstance(x, Number):
            yield Change(y, (x,))


def factor_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.mul:
        x, y = f.parents
        yield Change(x, (y,))
        yield Change(y, (x,))


def divisor_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.div:
        yield Change(f.parents[0], (f.parents[1],))


def function_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is not None and len(f.parents) == 1 and f.op is not table.neg:
        yield Change(f.parents[0], (f,))


# What is taken for something else


def swapped(f: Formula, _: Around) -> Iterator[Change]:
    if f.op in (table.sub, table.div):
        x, y = f.parents
        yield Change(Apply(f.op, y, x), (x, y))


def other_class(f: Formula, around: Around) -> Iterator[Change]:
    """Yield another index in the difference of outputs and targets."""
    if around.formula.op is table.sub and isinstance(f, Name):
        yield from _of_another_index(f, around)


def other_path(f: Formula, around: Around) -> Iterator[Change]:
    if isinstance(f, Derivative) and not around.defines(f):
        yield from _of_another_index(f, around)


def other_index(f: Formula, around: Around) -> Iterator[Change]:
    if isinstance(f, Name) and around.formula.op is not table.sub:
        yield from _of_another_index(f, around)


def _of_another_index(f: Formula, around: Around) -> Iterator[Change]:
    alike = _stem(f)
    for other in around.quantities:
        if type(other) is type(f) and _stem(other) == alike and not same(other, f):
            yield Change(other, (other, f))


def formula_of_another(f: Formula, around: Around) -> Iterator[Change]:
    """Yield how another quantity of this kind is calculated."""
    if around.defines(f):
        known = {Text()(x) for x in around.quantities}
        for name, other in around.symbols.items():
            formula = around.formulas[name]
            alike = formula is not f and _stem(other) == _stem(around.symbol)
            if alike and all(Text()(x) in known for x in _symbols_in(formula)):
                yield Change(formula, (other,))


def division_for_multiplication(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.mul:
        yield Change(Apply(table.div, *f.parents), f.parents)
        yield Change(Apply(table.div, *f.parents[::-1]), f.parents[::-1])


def multiplication_for_division(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.div:
        yield Change(Apply(table.mul, *f.parents), f.parents)


def sum_for_product(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.mul:
        yield Change(Apply(table.add, *f.parents), f.parents)


def product_for_sum(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.add:
        yield Change(Apply(table.mul, *f.parents), f.parents)


def used_twice(f: Formula, _: Around) -> Iterator[Change]:
    if _is_symbol(f):
        yield Change(f * f, (f,))


def degree(f: Formula, around: Around) -> Iterator[Change]:
    """Yield a power with another exponent, or taken for a product."""
    if f.op is table.power and isinstance(f.parents[1], Number):
        x, n = f.parents[0], f.parents[1]
        below, above = (Number(n.shown + by) for by in (-1, 1))
        yield Change(x if below.shown == 1 else x**below, (f,))
        yield Change(x**above, (f,))
        yield Change(n * x, (f,))


def _local(around: Around) -> Derivative | None:
    """Return what is calculated, if it is the derivative of a step by one that it is made of."""
    symbol = around.symbol
    if isinstance(symbol, Derivative) and len(symbol.by) == 1 and symbol.by[0] is not symbol.of:
        formula = around.formulas.get(Text()(symbol.of))
        by = symbol.by[0]
        if formula is not None and any(same(by, x) for x in topological_order(formula)):
            return symbol
    return None


def value_for_derivative(f: Formula, around: Around) -> Iterator[Change]:
    local = _local(around)
    if local is not None and around.defines(f):
        for value in (local.of, *local.by):
            if not same(value, f):
                yield Change(value, (value, local))
    elif isinstance(f, Derivative):
        for value in (f.of, *f.by):
            if any(same(value, x) for x in around.quantities):
                yield Change(value, (value, f))


def derivative_of_another(f: Formula, around: Around) -> Iterator[Change]:
    """Yield the derivative of another function, where that of a function is to be taken."""
    local = _local(around)
    if local is None or not around.defines(f):
        return
    made = around.formulas[Text()(local.of)]
    for family in _MISTAKEN:
        if made.op in family:
            for op in family:
                slope = _slope(op, local.of, made.parents[0])
                if op is not made.op and not same(slope, f):
                    yield Change(slope, (op(*made.parents),))
    for node in topological_order(made):
        for op in _MISTAKEN_FOR.get(node.op, ()):
            other = replaced(made, partial(_taken_for, node, op))
            slope = textbook(differentiate(other, local.by[0]))
            if not same(slope, f):
                yield Change(slope, (other,))


def _taken_for(node: Formula, op: Op, part: Formula) -> Formula | None:
    """Return another operation on the same operands, of one part of a formula."""
    return Apply(op, *part.parents) if part is node else None


def taken_for_constant(f: Formula, around: Around) -> Iterator[Change]:
    local = _local(around)
    if local is not None and around.defines(f) and not (isinstance(f, Number) and not f.shown):
        yield Change(Number(0), (local.by[0],))


def _slope(op: Op, out: Formula, x: Formula) -> Formula:
    """Return the derivative of a function by its operand, in terms of its result."""
    (slope,) = op.partials(out, x)
    if not isinstance(slope, Formula):
        return Number(slope)

    def by_result(part: Formula) -> Formula | None:
        if part.op is table.step:
            return Number(1)
        return out if part.op is op and same(part.parents[0], x) else None

    return replaced(textbook(replaced(slope, by_result)), by_result)


def another_quantity(f: Formula, around: Around) -> Iterator[Change]:
    for other in around.quantities if _is_symbol(f) else ():
        if not same(other, f):
            yield Change(other, (other, f), negative=_not_0_or_1(other))
    if around.defines(f):
        uses = Counter(Text()(x) for x in _symbols_in(f))
        for text in [text for text, times in uses.items() if times > 1]:
            for other in around.quantities:
                if Text()(other) != text:
                    yield _everywhere(f, text, other)


def _not_0_or_1(f: Formula) -> Formula:
    """Return what is negative where a number is neither 0 nor 1.

    With one of these in a product or sum, the slip is rather that something was left out.
    """
    return -table.absolute(f * (f - 1))  # type: ignore[no-any-return]


def _symbols_in(f: Formula) -> Iterator[Formula]:
    """Yield the symbols in a formula, one that is used twice two times."""
    if _is_symbol(f):
        yield f
    for x in f.parents:
        yield from _symbols_in(x)


def _everywhere(f: Formula, symbol: str, other: Formula) -> Change:
    """Return a formula with another quantity in all places of one."""
    was = next(x for x in topological_order(f) if Text()(x) == symbol)
    now = replaced(f, lambda x: other if x.op is None and Text()(x) == symbol else None)
    return Change(now, (other, was))


# Rounding


def _nearest(decimals: int) -> Op:
    def forward(x: float) -> float:
        return float(to_decimals(x, decimals))

    return Op(f"round{decimals}", forward, lambda out, x: (0.0,))


ROUNDINGS = tuple(map(_nearest, (2, 1, 3)))


def rounded_early(f: Formula, _: Around) -> Iterator[Change]:
    if _is_symbol(f):
        for op in ROUNDINGS:
            yield Change(op(f), (op(f), f))


def all_rounded_early(f: Formula, around: Around) -> Iterator[Change]:
    used = {Text()(x): x for x in _symbols_in(f)} if around.defines(f) else {}
    for op in ROUNDINGS if len(used) > 1 else ():
        now = replaced(f, partial(_rounded, op))
        yield Change(now, (tuple(map(op, used.values())), tuple(used.values())))


def _rounded(op: Op, part: Formula) -> Formula | None:
    return Apply(op, part) if _is_symbol(part) else None


_SIGNED = frozenset({table.add, table.sub, table.mul, table.div})
_MISTAKEN_FOR: dict[Op | None, tuple[Op, ...]] = {
    table.mul: (table.add,), table.div: (table.mul,), table.add: (table.mul,),
    table.sub: (table.add, table.mul),
}  # fmt: skip
_MISTAKEN = (
    (table.relu, table.sigmoid, table.tanh, table.identity),
    (table.sin, table.cos),
    (table.exp, table.log),
)


def _is_symbol(f: Formula) -> bool:
    return isinstance(f, (Name, Derivative))


def _stem(f: Formula) -> tuple[str, ...]:
    """Return what quantities have in common that differ in an index or a prime only."""
    if isinstance(f, Derivative):
        return ("∂", *[stem for x in (f.of, *f.by, *f.held) for stem in _stem(x)])
    parts = parts_of(f.label) if isinstance(f, Name) else None
    return (parts.stem, parts.above, str(bool(parts.below))) if parts else (Text()(f),)
