"""Slips: what a student may have written in the place of a part of a formula.

Each slip is an entry of a table, the simplest first. What it is called stands in
`phrases.toml`, or with the entry. Who knows of a further one makes a `Slip` and gives it to
`check`: ``check(exercise, answers, slips=[*SLIPS, mine])``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import takewhile
from typing import NamedTuple, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Op, topological_order
from micrograd_vn.exercises.calculation import Calculation
from micrograd_vn.formulas.identities import textbook
from micrograd_vn.formulas.names import symbol as parts_of
from micrograd_vn.formulas.phrases import LANGUAGES, phrases
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

__all__ = ["SLIPS", "Around", "Change", "Said", "Slip", "around_of", "changed"]

Said: TypeAlias = "Formula | tuple[Formula, ...]"

_LARGEST = 60  # parts of a formula that is looked at


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


class Slip(NamedTuple):
    """A mistake that students make.

    Attributes
    ----------
    name
        What tables and JSON call it.
    changes
        Called with a part of a formula and with what it stands in; yields what may stand in the
        place of the part.
    said
        By language, what the report says, with a gap ``{}`` for each formula in `Change.said`.

    Examples
    --------
    >>> def halved(part, around):
    ...     if around.defines(part):
    ...         yield Change(part / 2, (part,))
    >>> slip = Slip("halved", halved, {"vi": "chia đôi {}", "en": "{} is halved"})
    >>> from micrograd_vn.exercises import cau3, check
    >>> report = check(cau3(), "∂L/∂h₁ = 0.07855", lang="en", slips=[slip])
    >>> print(str(report).splitlines()[0].split(". ")[1])
    The number written is (ŷ₁ − y₁)/2 = (0.1571 − 0)/2 = 0.07855: ŷ₁ − y₁ is halved
    """

    name: str
    changes: Callable[[Formula, Around], Iterable[Change]]
    said: Mapping[str, str]

    def __hash__(self) -> int:
        return hash(self.name)


# Signs


def _minus_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.neg:
        yield Change(f.parents[0], f.parents)
    elif _is_symbol(f) or (isinstance(f, Number) and f.shown < 0):
        yield Change(-f, (f,), negative=f)


def _minus_added(f: Formula, around: Around) -> Iterator[Change]:
    if f.op in _SIGNED or _is_symbol(f) or around.defines(f):
        yield Change(-f, (f,))


def _plus_for_minus(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.sub:
        yield Change(f.parents[0] + f.parents[1], (f.parents[1],))


def _minus_for_plus(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.add:
        yield Change(f.parents[0] - f.parents[1], (f.parents[1],))


# What is left out


def _path_forgotten(f: Formula, around: Around) -> Iterator[Change]:
    if f.op is table.add and isinstance(around.symbol, Derivative):
        x, y = f.parents
        for kept, lost in ((x, y), (y, x)):
            if any(isinstance(part, Derivative) for part in topological_order(lost)):
                yield Change(kept, (lost,))


def _term_forgotten(f: Formula, around: Around) -> Iterator[Change]:
    if f.op is table.sub or (f.op is table.add and not list(_path_forgotten(f, around))):
        x, y = f.parents
        yield Change(x, (y,))
        if f.op is table.add or isinstance(x, Number):
            yield Change(y, (x,))


def _factor_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.mul:
        x, y = f.parents
        yield Change(x, (y,))
        yield Change(y, (x,))


def _divisor_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.div:
        yield Change(f.parents[0], (f.parents[1],))


def _function_forgotten(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is not None and len(f.parents) == 1 and f.op is not table.neg:
        yield Change(f.parents[0], (f,))


# What is taken for something else


def _swapped(f: Formula, _: Around) -> Iterator[Change]:
    if f.op in (table.sub, table.div):
        x, y = f.parents
        yield Change(Apply(f.op, y, x), (x, y))


def _other_class(f: Formula, around: Around) -> Iterator[Change]:
    """Yield another index in the difference of outputs and targets."""
    if around.formula.op is table.sub and isinstance(f, Name):
        yield from _of_another_index(f, around)


def _other_path(f: Formula, around: Around) -> Iterator[Change]:
    if isinstance(f, Derivative) and not around.defines(f):
        yield from _of_another_index(f, around)


def _other_index(f: Formula, around: Around) -> Iterator[Change]:
    if isinstance(f, Name) and around.formula.op is not table.sub:
        yield from _of_another_index(f, around)


def _of_another_index(f: Formula, around: Around) -> Iterator[Change]:
    alike = _stem(f)
    for other in around.quantities:
        if type(other) is type(f) and _stem(other) == alike and not same(other, f):
            yield Change(other, (other, f))


def _formula_of_another(f: Formula, around: Around) -> Iterator[Change]:
    """Yield how another quantity of this kind is calculated."""
    if around.defines(f):
        known = {Text()(x) for x in around.quantities}
        for name, other in around.symbols.items():
            formula = around.formulas[name]
            alike = formula is not f and _stem(other) == _stem(around.symbol)
            if alike and all(Text()(x) in known for x in _symbols_in(formula)):
                yield Change(formula, (other,))


def _division_for_multiplication(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.mul:
        yield Change(Apply(table.div, *f.parents), f.parents)
        yield Change(Apply(table.div, *f.parents[::-1]), f.parents[::-1])


def _multiplication_for_division(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.div:
        yield Change(Apply(table.mul, *f.parents), f.parents)


def _sum_for_product(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.mul:
        yield Change(Apply(table.add, *f.parents), f.parents)


def _product_for_sum(f: Formula, _: Around) -> Iterator[Change]:
    if f.op is table.add:
        yield Change(Apply(table.mul, *f.parents), f.parents)


def _used_twice(f: Formula, _: Around) -> Iterator[Change]:
    if _is_symbol(f):
        yield Change(f * f, (f,))


def _degree(f: Formula, around: Around) -> Iterator[Change]:
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


def _value_for_derivative(f: Formula, around: Around) -> Iterator[Change]:
    local = _local(around)
    if local is not None and around.defines(f):
        for value in (local.of, *local.by):
            if not same(value, f):
                yield Change(value, (value, local))
    elif isinstance(f, Derivative):
        for value in (f.of, *f.by):
            if any(same(value, x) for x in around.quantities):
                yield Change(value, (value, f))


def _derivative_of_another(f: Formula, around: Around) -> Iterator[Change]:
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


def _taken_for_constant(f: Formula, around: Around) -> Iterator[Change]:
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


def _another_quantity(f: Formula, around: Around) -> Iterator[Change]:
    if f.op is None:
        for other in around.quantities:
            if not same(other, f):
                yield Change(other, (other, f))
    if around.defines(f):
        uses = Counter(Text()(x) for x in _symbols_in(f))
        for text in [text for text, times in uses.items() if times > 1]:
            for other in around.quantities:
                if Text()(other) != text:
                    yield _everywhere(f, text, other)


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


def _rounded_early(f: Formula, around: Around) -> Iterator[Change]:
    for op in ROUNDINGS:
        if _is_symbol(f):
            yield Change(op(f), (op(f), f))
        if around.defines(f) and not _is_symbol(f):
            used = {Text()(x): x for x in topological_order(f) if _is_symbol(x)}
            if len(used) > 1:
                now = replaced(f, lambda x, op=op: op(x) if _is_symbol(x) else None)  # type: ignore[misc]
                yield Change(now, (tuple(map(op, used.values())), tuple(used.values())))


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
    return (parts.stem, parts.above) if parts is not None else (Text()(f),)


def _own(name: str, changes: Callable[[Formula, Around], Iterable[Change]]) -> Slip:
    """Return a slip whose phrase stands in `phrases.toml`."""
    return Slip(name, changes, {lang: phrases("slip", lang)[name] for lang in LANGUAGES})


SLIPS: tuple[Slip, ...] = (
    _own("minus forgotten", _minus_forgotten),
    _own("swapped", _swapped),
    _own("plus for minus", _plus_for_minus),
    _own("minus for plus", _minus_for_plus),
    _own("minus added", _minus_added),
    _own("path forgotten", _path_forgotten),
    _own("factor forgotten", _factor_forgotten),
    _own("divisor forgotten", _divisor_forgotten),
    _own("term forgotten", _term_forgotten),
    _own("function forgotten", _function_forgotten),
    _own("other class", _other_class),
    _own("other path", _other_path),
    _own("other index", _other_index),
    _own("formula of another", _formula_of_another),
    _own("multiplication for division", _multiplication_for_division),
    _own("division for multiplication", _division_for_multiplication),
    _own("value for derivative", _value_for_derivative),
    _own("derivative of another", _derivative_of_another),
    _own("taken for constant", _taken_for_constant),
    _own("degree", _degree),
    _own("used twice", _used_twice),
    _own("rounded early", _rounded_early),
    _own("sum for product", _sum_for_product),
    _own("product for sum", _product_for_sum),
    _own("another quantity", _another_quantity),
)


def around_of(calculation: Calculation, symbol: str) -> Around:
    """Return what the parts of a quantity's formula stand in."""
    before = [*calculation.given, *takewhile(lambda s: s != symbol, calculation.formulas)]
    return Around(
        calculation.symbols[symbol],
        calculation.formulas[symbol],
        tuple(calculation.symbols.get(name, Name(name)) for name in before),
        calculation.symbols,
        calculation.formulas,
    )


def changed(slip: Slip, around: Around) -> Iterator[Change]:
    """Yield a formula with a slip at each of its parts.

    Examples
    --------
    >>> p, y = map(Name, "py")
    >>> around = Around(Name("d"), p - y, (p, y), {}, {})
    >>> [change.now for slip in SLIPS[:3] for change in changed(slip, around)]
    [−p − y, p − (−y), y − p, p + y]
    """
    if len(topological_order(around.formula)) <= _LARGEST:
        yield from _within(around.formula, slip, around)


def _within(f: Formula, slip: Slip, around: Around) -> Iterator[Change]:
    yield from slip.changes(f, around)
    for i, x in enumerate(f.parents):
        for change in _within(x, slip, around):
            assert f.op is not None
            now = Apply(f.op, *f.parents[:i], change.now, *f.parents[i + 1 :])
            yield change._replace(now=now)
