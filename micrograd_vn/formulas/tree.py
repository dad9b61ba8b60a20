"""The formula tree: names, numbers, derivatives, and operations on formulas.

A formula is built by ordinary arithmetic and by calling operations. So a rule of an
operation, called with names, gives the formula of the derivative. What a formula looks like
is not said here: every language is a writer of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import reduce
from operator import add
from typing import Any, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Node, Op, Value, chain_rule, topological_order
from micrograd_vn.operators import Undecided

Operand: TypeAlias = "Formula | float"


class Formula(Undecided):
    """A name, a number, a derivative, or an operation on formulas.

    It has the shape of a graph of values: `op`, and operands. Two formulas are told apart as
    objects; `same` compares what they say.
    """

    op: Op | None = None
    _x: None = None
    _y: tuple[Formula, ...] = ()

    @property
    def parents(self) -> tuple[Formula, ...]:
        """The operands."""
        return self._y

    @staticmethod
    def apply_op(op: Op, operands: Sequence[Operand]) -> Apply:
        """Return the formula of an operation; this is what calling `op` does."""
        return Apply(op, *operands)

    def __repr__(self) -> str:
        from micrograd_vn.formulas.text import Text

        return Text()(self)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class Name(Formula):
    """What a value is called."""

    def __init__(self, label: str) -> None:
        self.label = label


class Number(Formula):
    """A number, with the digits that it is shown with: 3.0 is not written as 3."""

    def __init__(self, x: float | Decimal) -> None:
        if not isinstance(x, Decimal):
            x = Decimal(repr(float(x)))
            x = x.to_integral_value() if x == x.to_integral_value() else x
        self.shown = x

    def __float__(self, *_: object) -> float:
        return float(self.shown)

    def __neg__(self) -> Number:
        return Number(-self.shown if self.shown else self.shown)


class Derivative(Formula):
    """A derivative as a symbol: ∂L/∂R, ∂²y/∂x∂w, or ∂y/∂x while h is held constant."""

    def __init__(self, of: Formula, by: Sequence[Formula], held: Sequence[Formula] = ()) -> None:
        self.of, self.by, self.held = of, tuple(by), tuple(held)


class Apply(Formula):
    """An operation on formulas."""

    op: Op

    def __init__(self, op: Op, *operands: Operand) -> None:
        self.op = op
        for x in operands:
            if not isinstance(x, Formula):
                operands = tuple([x if isinstance(x, Formula) else Number(x) for x in operands])
                break
        self._y = operands  # type: ignore[assignment]


class Equation:
    """Formulas that are equal, nearly equal or related otherwise.

    Attributes
    ----------
    sides
        The formulas.
    signs
        What stands between them, such as = and ≈: one less.
    """

    def __init__(self, *sides: Formula, sign: str | Sequence[str] = "=") -> None:
        self.sides = sides
        self.signs = (sign,) * (len(sides) - 1) if isinstance(sign, str) else tuple(sign)


_DIGITS = 12  # that are asked for; what a machine leaves of a number is beyond them


def rounded(x: float, digits: int = 4) -> Number:
    """Return `x` rounded to `digits` significant digits; the integer part stays whole.

    Rounding is that of a school: half away from zero, of the decimal digits.
    """
    exact = _decimal(x, digits)
    if not exact or not exact.is_finite():
        return Number(exact)
    power = exact.adjusted()
    places = digits - 1 - power
    if is_plain(power):
        places = max(places, 0)
    return Number(_to_places(exact, places).normalize())


def to_decimals(x: float, decimals: int) -> Number:
    """Return `x` with so many decimals, rounded as at school.

    Examples
    --------
    >>> to_decimals(-0.125, 2), to_decimals(0.1, 2), to_decimals(-0.001, 2)
    (−0.13, 0.10, 0.00)
    """
    exact = _decimal(x, _DIGITS)
    if not exact.is_finite():
        return Number(exact)
    shown = _to_places(exact, decimals)
    return Number(shown if shown else abs(shown))


def _decimal(x: float, digits: int) -> Decimal:
    """Return a number of which so many digits are asked for, without what binary noise adds."""
    exact = Decimal(repr(float(x)))
    if not exact:
        return Decimal(0)
    if exact.is_finite() and digits <= _DIGITS:
        return _to_places(exact, _DIGITS + 1 - exact.adjusted())
    return exact


def _to_places(x: Decimal, places: int) -> Decimal:
    wide = Context(prec=max(28, x.adjusted() + places + 2))
    return x.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, wide)


def is_plain(power: int) -> bool:
    """Whether a number of this order of magnitude is written without a power of ten."""
    return -5 < power < 9


def same(f: Formula, g: Formula) -> bool:
    """Return whether two formulas say the same."""
    if f is g or f.op is not g.op:
        return f is g
    meaning = Meanings()
    return meaning(f) == meaning(g)


class Meanings:
    """A number for each formula: those that say the same have the same one.

    Examples
    --------
    >>> x, meaning = Name("x"), Meanings()
    >>> meaning(x * 2) == meaning(x * 2), meaning(x * 2) == meaning(2 * x)
    (True, False)
    """

    def __init__(self) -> None:
        self._of: dict[Formula, int] = {}
        self._numbered: dict[tuple[Any, ...], int] = {}

    def __call__(self, f: Formula) -> int:
        """Return the number of a formula."""
        of = self._of
        known = all([x in of for x in f.parents])
        for node in [f] if known else topological_order(f):
            if node not in of:
                operands = [of[x] for x in node.parents]
                if node.op in (table.softmax_op, table.softmax_rest_op):
                    operands[1:] = sorted(operands[1:])  # the others may stand in any order
                key = (_said(node) if node.op is None else node.op, *operands)
                of[node] = self._numbered.setdefault(key, len(self._numbered))
        return of[f]


def _said(f: Formula) -> tuple[Any, ...]:
    """Return what a name, a number or a derivative says, to be compared."""
    match f:
        case Name():
            return "name", f.label
        case Number():
            return "number", repr(float(f) + 0.0)
        case Derivative():
            return "derivative", len(f.by), *map(_said, (f.of, *f.by, *f.held))
    return (f,)


def evaluate(f: Formula, at: Mapping[str, float] | Callable[[Formula], float]) -> float:
    """Return the number that a formula stands for, from those of its names.

    Parameters
    ----------
    f
        The formula.
    at
        The numbers by label, or a function that gives that of a name or a derivative.

    Raises
    ------
    KeyError
        A name has no number.
    ArithmeticError, ValueError
        The formula has no value there.

    Examples
    --------
    >>> x = Name("x")
    >>> evaluate(x**2 + 1, {"x": 3.0})
    10.0
    """
    look = at if callable(at) else lambda name: at[name.label]
    numbers: dict[Formula, float] = {}
    for node in topological_order(f):
        if isinstance(node, Number):
            numbers[node] = float(node)
        elif node.op is None:
            numbers[node] = look(node)
        else:
            numbers[node] = float(node.op(*[numbers[x] for x in node.parents]))
    return numbers[f]


def differentiate(f: Formula, by: Formula) -> Formula:
    """Return the derivative of a formula by one of its names, from the operations' rules.

    Examples
    --------
    >>> x = Name("x")
    >>> differentiate(x**2 / 3, x)
    1/3·(2·x^(2 − 1))
    """
    order = topological_order(f)
    names = [node for node in order if same(node, by)]
    found = [d for x, d in chain_rule(order, names).items() if x in set(names)]
    derivative = reduce(add, found) if found else 0.0
    return derivative if isinstance(derivative, Formula) else Number(derivative)


def formula_of(
    value: Value, names: Mapping[Value, Formula], number: Callable[[Value], Formula]
) -> Formula:
    """Return how a value is computed from those with a name, and from numbers."""
    made: dict[Value, Formula] = {}
    pruned = [value]
    while pruned:
        v = pruned[-1]
        if v in made:
            pruned.pop()
        elif v in names and v is not value:
            made[v] = names[v]
        elif v.op is None:
            made[v] = number(v)
        elif missing := [x for x in v.parents if x not in made]:
            pruned += reversed(missing)
        else:
            made[v] = whole(Apply(v.op, *[made[x] for x in v.parents]))
    return made[value]


def whole(f: Formula) -> Formula:
    """Return a formula; softmax of many, which shares parts with others, as that of all operands.

    Examples
    --------
    >>> a, b = Name("a"), Name("b")
    >>> m = Apply(table.largest_op, a, b)
    >>> whole(Apply(table.softmax_of_many_op, b, m, Apply(table.excess_op, m, a, b)))
    exp(b)/(exp(b) + exp(a))
    """
    op, operands = of_all(f)
    return f if op is f.op else Apply(op, *operands)


def of_all(node: Node) -> tuple[Op, Sequence[Node]]:
    """Return operation and operands of a value or a formula; softmax of many as that of a few."""
    op = _WHOLE.get(node.op)
    if op is None:
        return node.op, node.parents
    x, m, r = node.parents
    if m.op is not table.largest_op or r.op is not table.excess_op:
        return node.op, node.parents
    places = [i for i, operand in enumerate(m.parents) if operand is x]
    if not places or [*map(id, r.parents)] != [*map(id, (m, *m.parents))]:
        return node.op, node.parents
    return op, [x, *m.parents[: places[0]], *m.parents[places[0] + 1 :]]


_WHOLE: dict[Op | None, Op] = {
    table.softmax_of_many_op: table.softmax_op,
    table.log_softmax_of_many_op: table.log_softmax_op,
}


def replaced(f: Formula, change: Callable[[Formula], Formula | None]) -> Formula:
    """Return the formula with what `change` puts in the place of its parts, from below."""
    made: dict[Formula, Formula] = {}
    for node in topological_order(f):
        operands = [made[x] for x in node.parents]
        kept = all([a is b for a, b in zip(operands, node.parents, strict=True)])
        now = node if kept or node.op is None else Apply(node.op, *operands)
        new = change(now)
        made[node] = now if new is None else new
    return made[f]
