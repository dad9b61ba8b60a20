"""The factors of the chain rule between two values: symbols, formulas and numbers.

Every equality holds to the digits shown: that is seen to on the formulas, by computing them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import reduce
from itertools import chain, count
from operator import mul
from typing import NamedTuple, TypeVar

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value, depending, grad, topological_order
from micrograd_vn.formulas.names import SUBSCRIPTS
from micrograd_vn.formulas.tree import (
    Derivative,
    Equation,
    Formula,
    Name,
    Number,
    evaluate,
    replaced,
    rounded,
    same,
)
from micrograd_vn.readers.outline import Outline, short_names

_MOST_FOLDED = 10  # values on the way; with more, only those with a label are shown
_MOST_STEPS = 30
_NOISE = 1e-14  # of the terms that cancel: what rounding leaves of 0

T = TypeVar("T")


class Factor(NamedTuple):
    """One factor of the chain rule.

    Attributes
    ----------
    equation
        The symbol, the formula, the formula with numbers, the number.
    reasons
        What holds here and makes the formula this one, such as z > 0.
    shown
        The number as it was written last.
    value
        The number.
    """

    equation: Equation
    reasons: list[Equation]
    shown: Formula
    value: float


class Factors:
    """The values with names between `wrt` and `output`, and the derivatives between them."""

    def __init__(self, output: Value, wrt: Value, using: tuple[Value, ...], digits: int) -> None:
        self.output, self.wrt, self.digits = output, wrt, digits
        order = topological_order(output, *using)
        self.labels = {v.label for v in order}
        if wrt not in set(order) and wrt.label is not None and wrt.label in self.labels:
            raise ValueError(
                f"explain: the output does not depend on {wrt!r}, but on another value called "
                f"{wrt.label!r}: was that name bound anew?"
            )
        above = depending(topological_order(output), [wrt])
        for self.brief in (False, True):
            names = short_names(order, {output, wrt}, digits, fold=not self.brief)
            if wrt not in names:
                names[wrt] = Name(wrt.label or fresh({n.label for n in names.values()}))
            self.steps = [v for v in order if v in above and v in names]  # from wrt to output
            if len(self.steps) <= _MOST_FOLDED:
                break
        if len(self.steps) > _MOST_STEPS:
            raise ValueError(
                f"explain: {len(self.steps)} values with a name lie between the output and "
                f"{wrt!r}, more than the {_MOST_STEPS} that a solution can show; explain a part "
                "of it, such as the derivative with respect to a value nearer to the output"
            )
        self.outline = Outline(order, names)
        self.names = names
        on_the_way = set(self.steps)
        self.operands = {
            v: [x for x in self.outline.operands(v) if x in on_the_way]
            for v in self.steps
            if v is not wrt
        }
        self.below: dict[Value, set[Value]] = {wrt: {wrt}}
        for v, operands in self.operands.items():
            self.below[v] = {v}.union(*[self.below[x] for x in operands])
        self.factors: dict[tuple[Value, Value], Factor] = {}

    # Factors

    def factor(self, result: Value, operand: Value) -> Factor:
        """Return the derivative of a value with respect to one of its named operands."""
        key = result, operand
        if key not in self.factors:
            symbol = self.edge(result, operand)
            derivative = self.outline.derivative(result, operand)
            value = self.outline.number(derivative)
            shown = rounded(value, self.digits)
            sides: list[Formula] = [symbol]
            reasons: list[Equation] = []
            if not self.brief:
                decided, reasons = self.decided(derivative, result)
                sides += self.found(self.outline.textbook(result, decided), shown)
            if not same(sides[-1], shown):
                sides.append(shown)
            self.factors[key] = Factor(Equation(*sides), reasons, sides[-1], value)
        return self.factors[key]

    def found(self, formula: Formula, shown: Number) -> list[Formula]:
        """Return a formula with names, then with numbers, such that each gives the value."""

        def holds(f: Formula) -> bool:
            try:
                number = self.outline.number(f)
            except (ArithmeticError, ValueError):  # so rounded, it is outside the domain
                return False
            return same(rounded(number, self.digits), shown)

        def named(digits: int) -> Formula:
            return with_numbers(formula, lambda x: rounded(float(x), digits))

        def numeric(digits: int) -> Formula:
            f = with_numbers(formula, lambda x: rounded(float(x), digits))
            return replaced(f, lambda node: self.number_of(node, digits))

        sides: list[Formula] = []
        for write in (named, numeric):
            side = fewest_digits(self.digits, write, holds)
            if side is not None and not (sides and same(sides[-1], side)):
                sides.append(side)
        return sides

    def number_of(self, name: Formula, digits: int) -> Number | None:
        """Return the number of a value with a name; what is given as 3.0 is written so."""
        if not isinstance(name, Name):
            return None
        value = self.outline.value(name)
        number = rounded(value.data, digits)
        given = value.op is None and not isinstance(value, Constant)
        if given and number.shown.is_finite() and number.shown == number.shown.to_integral_value():
            return Number(number.shown.quantize(Decimal("0.1")))
        return number

    def decided(self, f: Formula, of: Value) -> tuple[Formula, list[Equation]]:
        """Return a derivative with what jumps as its value, and the reasons."""
        reasons: list[Equation] = []

        def decide(node: Formula) -> Formula | None:
            if node.op not in (table.step, table.sign, table.greater):
                return None
            left, right = (*node.parents, Number(0))[:2]
            a, b = self.outline.number(left), self.outline.number(right)
            if not (math.isnan(a) or math.isnan(b)):
                sign = "<" if a < b else ">" if a > b else "="
                x, y = (self.outline.recognised(side, {of}) for side in (left, right))
                if not any(same(r.sides[0], x) and same(r.sides[1], y) for r in reasons):
                    reasons.append(Equation(x, y, sign=sign))
            return rounded(node.op(a, b) if node.op is table.greater else node.op(a))

        return replaced(f, decide), reasons

    def edge(self, result: Value, operand: Value) -> Derivative:
        """Return ∂result/∂operand, with a bar before what is held while it is taken.

        Without the bar it would not differ from the whole derivative, where `result`
        depends on `operand` directly as well as by way of others.
        """
        others = [x for x in self.operands[result] if x is not operand]
        held = [self.names[x] for x in others if operand in self.below[x]]
        return Derivative(self.names[result], [self.names[operand]], held)

    def slope(self) -> float:
        """Return the derivative of the output; 0 if it is what rounding leaves of that."""
        slope = grad(self.output, [self.wrt])[0].data
        size = {self.wrt: 1.0}  # what the paths add up to, without their signs
        for v, operands in self.operands.items():
            size[v] = sum(abs(self.factor(v, x).value) * size[x] for x in operands)
        return 0.0 if abs(slope) <= _NOISE * size.get(self.output, 0.0) else slope

    def by_output(self, value: Value) -> Derivative:
        """Return ∂output/∂value."""
        return Derivative(self.names[self.output], [self.names[value]])


def products(terms: list[list[Factor]], start: int) -> list[Formula]:
    """Return a sum of products with the numbers put in, then the sum, then its value."""
    exact = [math.prod(f.value for f in term) for term in terms]
    total = sum(exact)
    if abs(total) <= _NOISE * sum(map(abs, exact)):
        total = 0.0

    def put_in(finer: int) -> list[Formula] | None:
        """Return the sides such that each gives the next."""
        sums = [rounded(x, finer) for x in exact]
        final = rounded(total, finer)
        if not (gives(added(sums), final, finer) and gives(final, rounded(total, start), start)):
            return None

        def factors(digits: int) -> list[Formula]:
            return [
                product([
                    f.shown if digits == start else rounded(f.value, digits)
                    for f in term
                ])
                for term in terms
            ]  # fmt: skip

        def hold(products: list[Formula]) -> bool:
            return all(gives(p, s, finer) for p, s in zip(products, sums, strict=True))

        products = fewest_digits(start, factors, hold)
        return None if products is None else [added(products), added(sums), final]

    sides = fewest_digits(start + 1, put_in, lambda sides: sides is not None)
    written: list[Formula] = []
    for side in sides or [rounded(total, start)]:
        if not (written and same(written[-1], side)):
            written.append(side)
    return written


def product(factors: Sequence[Formula]) -> Formula:
    """Return a product without factors of 1."""
    one = Number(1)
    return reduce(mul, [f for f in factors if not same(f, one)] or [one])


def added(terms: Sequence[Formula]) -> Formula:
    """Return a sum; a negative number is subtracted."""
    total = terms[0]
    for term in terms[1:]:
        negative = isinstance(term, Number) and term.shown < 0
        total = total - (-term) if negative else total + term
    return total


def gives(f: Formula, shown: Number, digits: int) -> bool:
    """Whether a formula of numbers, rounded, is the number that is shown."""
    try:
        return same(rounded(evaluate(f, {}), digits), shown)
    except (ArithmeticError, ValueError):
        return False


def with_numbers(f: Formula, change: Callable[[Number], Number]) -> Formula:
    """Return a formula with its numbers changed."""
    return replaced(f, lambda node: change(node) if isinstance(node, Number) else None)


def fewest_digits(start: int, write: Callable[[int], T], holds: Callable[[T], bool]) -> T | None:
    """Return what is written with the fewest digits, from `start` on, such that it holds."""
    for digits in range(start, 18):
        if holds(written := write(digits)):
            return written
    return None


def fresh(taken: Iterable[str]) -> str:
    """Return a short name that is not taken."""
    names = chain("xts", (f"x{str(i).translate(SUBSCRIPTS)}" for i in count(1)))
    return next(name for name in names if name not in taken)
