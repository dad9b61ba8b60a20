"""Arithmetic as one does it by hand: rounded numbers, with = and ≈ between the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import mul
from typing import NamedTuple

from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.exact import agree, exactly, noise, settled
from micrograd_vn.formulas.tree import Equation, Formula, Name, Number, rounded, same
from micrograd_vn.readers.numbers import as_given, computed

TINY = 1e-15  # 1 − tanh²(40) is that or less in the graph, and 0 by the textbook's formula


class Quantity(NamedTuple):
    """A number as it is shown, and whether it is exactly that."""

    number: Number
    exact: bool


class Line(NamedTuple):
    """An equation that ends in a number, and that number."""

    equation: Equation
    quantity: Quantity


class Arithmetic:
    """Computing with so many digits.

    Parameters
    ----------
    wanted
        The digits that are asked for.
    digits
        Those that numbers are computed with.

    Attributes
    ----------
    agrees : bool
        Whether all numbers until now, rounded as is asked for, are those of the graph.
    """

    def __init__(self, wanted: int, digits: int) -> None:
        self.wanted, self.digits, self.agrees = wanted, digits, True

    def in_digits(self, value: float) -> Quantity:
        """Return a number that is taken as it is."""
        number = as_given(value, self.digits)
        self.compare(number, value, 0.0)
        return Quantity(number, float(number) == value)

    def to_the_number(
        self, left: Formula, steps: Sequence[tuple[bool, Formula]], value: float, digits: int
    ) -> Line:
        """Return an equation that goes on to the number of its last side.

        Parameters
        ----------
        left
            What is computed.
        steps
            The sides that follow, each with whether it is exactly what stands before it.
        value
            The number in the graph.
        digits
            How many it is shown with.
        """
        form = computed if isinstance(left, Name) else rounded
        number, exact = self.rounding(steps[-1][1], value, digits, form)
        sides, signs = [left], []
        for equal, side in [*steps, (exact, number)]:
            if len(sides) > 1 and same(sides[-1], side):
                continue
            sides.append(side)
            signs.append("=" if equal else "≈")
        last = sides[-1] if isinstance(sides[-1], Number) else number
        return Line(Equation(*sides, sign=signs), Quantity(last, "≈" not in signs))

    def rounding(
        self, numeric: Formula, value: float, digits: int, form: Callable[[float, int], Number]
    ) -> Quantity:
        """Return what a formula of numbers is, rounded in a form, and whether it is just that."""
        if isinstance(numeric, Number):
            self.compare(numeric, value, 0.0)
            return Quantity(numeric, exact=True)
        try:
            x = exactly(numeric)
        except ERRORS:  # so rounded, its operands are outside the domain
            self.agrees = False
            return Quantity(form(value, digits), exact=False)
        number = form(float(x), digits)
        self.compare(number, value, noise(numeric))
        return Quantity(number, agree(x, exactly(number)))

    def compare(self, number: Number, value: float, slack: float) -> None:
        """Note whether a number, rounded, is that of the graph."""
        alike = same(rounded(float(number), self.wanted), rounded(value, self.wanted))
        off = abs(float(number) - value)
        near = off <= slack or (off <= TINY and 0 in (float(number), value))
        self.agrees &= alike or near

    def compare_order(self, x: Formula, y: Formula, difference: float) -> None:
        """Note whether two formulas of numbers are in the order that they have in the graph."""
        try:
            a, b = exactly(x), exactly(y)
        except ERRORS:
            self.agrees = False
            return
        same_order = (a > b, a < b) == (difference > 0, difference < 0)
        self.agrees &= same_order or agree(a, b) or difference == 0

    def combined(
        self,
        left: Formula,
        terms: Sequence[Sequence[Quantity]],
        values: Sequence[float],
        chain: Formula | None,
        digits: int,
    ) -> Line:
        """Return a sum of products with the numbers put in, then the sum, then its number.

        Parameters
        ----------
        left
            What is computed.
        terms
            The factors of each product.
        values
            The products in the graph.
        chain
            The sum of products in symbols, if that is to be shown.
        digits
            How many the sum is shown with.
        """
        exact = all(q.exact for term in terms for q in term)
        products = [product([q.number for q in term]) for term in terms]
        steps = [(True, chain)] if chain is not None else []
        steps.append((exact, added(products)))
        numbers = [
            p if isinstance(p, Number) else rounded(float(exactly(p)), digits) for p in products
        ]
        if len(terms) > 1:
            steps.append((all(map(_equal, products, numbers)), added(numbers)))
        return self.to_the_number(left, steps, total(values), digits)


def _equal(f: Formula, g: Formula) -> bool:
    return agree(exactly(f), exactly(g))


def total(terms: Sequence[float]) -> float:
    """Return a sum; 0 if it is what rounding leaves of that."""
    return settled(sum(terms), sum(map(abs, terms)))


def product(factors: Iterable[Formula]) -> Formula:
    """Return a product without factors of 1."""
    one = Number(1)
    return reduce(mul, [f for f in factors if not same(f, one)] or [one])


def added(terms: Sequence[Formula]) -> Formula:
    """Return a sum; a negative number is subtracted."""
    result = terms[0]
    for term in terms[1:]:
        negative = isinstance(term, Number) and term.shown < 0
        result = result - (-term) if negative else result + term
    return result
