"""The numbers of a solution: each computed from those above it, and written in one way.

What is put into a formula was given or computed before, with the digits that it was shown
with there, so every step can be done again by hand. How many digits that takes is decided
once for a whole solution: so many that its numbers, rounded, are those of the graph.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import mul
from typing import NamedTuple

from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.exact import agree, exactly, noise
from micrograd_vn.formulas.identities import written_out
from micrograd_vn.formulas.tree import (
    Equation,
    Formula,
    Name,
    Number,
    formula_of,
    replaced,
    rounded,
    same,
)
from micrograd_vn.readers.numbers import as_given, shown
from micrograd_vn.readers.outline import Outline

_NOISE = 1e-14  # of the terms that cancel: what rounding leaves of 0
_KNOWN_DIGITS = 12  # what a known result has, without binary noise


class Quantity(NamedTuple):
    """A number as it is shown, and whether it is exactly that."""

    number: Number
    exact: bool


class Line(NamedTuple):
    """An equation that ends in a number, and that number."""

    equation: Equation
    quantity: Quantity


class Working:
    """The numbers of a solution, computed with so many digits.

    Parameters
    ----------
    outline
        The graph.
    known
        The values whose numbers are given; None for leaves.
    found
        Values that are computed from what is given, each called as a leaf of the graph is.
    wanted
        The digits that are asked for.
    digits
        Those that numbers are computed with.

    Attributes
    ----------
    agrees : bool
        Whether all numbers until now, rounded as is asked for, are those of the graph.
    lines : dict of Value to Line
        How the numbers were computed that are not given, each after those that it needs.
    """

    def __init__(
        self,
        outline: Outline,
        known: set[Value] | None,
        found: Sequence[Value],
        wanted: int,
        digits: int,
    ) -> None:
        self.outline, self.known, self.wanted, self.digits = outline, known, wanted, digits
        self.found = {v.label: v for v in found}
        self.beside = {
            v.label: v
            for v in topological_order(*found)
            if v.label is not None and Name(v.label) not in outline
        }
        self.agrees = True
        self.lines: dict[Value, Line] = {}
        self._quantities: dict[Value, Quantity] = {}

    # Values

    def quantity(self, value: Value) -> Quantity:
        """Return the number of a value; how it is computed is put down in `lines`."""
        waiting = [value]
        while waiting:
            v = waiting[-1]
            if v in self._quantities:
                waiting.pop()
            elif (formula := self.formula(v)) is None:
                self._quantities[v] = self.given(v)
            elif missing := [x for x in self.values(formula) if x not in self._quantities]:
                waiting += reversed(missing)
            else:
                name = self.outline.names[v] if v in self.outline.names else Name(str(v.label))
                self.lines[v] = self.line(name, formula, v.data)
                self._quantities[v] = self.lines[v].quantity
        return self._quantities[value]

    def values(self, f: Formula) -> list[Value]:
        """Return the values in a formula."""
        names = [x for x in topological_order(f) if isinstance(x, Name)]
        return [self.outline.value(x) if x in self.outline else self.beside[x.label] for x in names]

    def formula(self, value: Value) -> Formula | None:
        """Return how a value is computed, or None if it is given."""
        if isinstance(value, Constant) or (self.known is not None and value in self.known):
            return None
        if value.op is None and value.label in self.found and value not in self.beside.values():
            return self.source(self.found[value.label])
        if value.op is None:
            if self.known is None or value in self.beside.values():
                return None
            raise ValueError(
                f"explain: the number of {value!r} is put in, but it is neither known nor found"
            )
        return (
            self.source(value)
            if value not in self.outline.names
            else self.outline.definition(value)
        )

    def source(self, found: Value) -> Formula:
        """Return how a value beside the graph is computed."""
        names = {v: Name(v.label) for v in topological_order(found) if v.label is not None}
        return written_out(formula_of(found, names, lambda v: Number(v.data)))

    def given(self, value: Value) -> Quantity:
        """Return a number that is given; that of a result is free of binary noise."""
        number = shown(value, self.digits)
        if value.op is not None:
            number = as_given(float(rounded(value.data, _KNOWN_DIGITS)), self.digits)
        close = math.isclose(float(number), value.data, rel_tol=1e-12)
        return Quantity(number, close)

    # Equations

    def constants(self, f: Formula) -> tuple[Formula, bool]:
        """Return a formula with its constants as they are shown, and whether they are that."""
        exact = True

        def change(node: Formula) -> Formula | None:
            nonlocal exact
            if not isinstance(node, Number):
                return None
            number = as_given(float(node), self.digits)
            exact &= float(number) == float(node)
            return number

        return replaced(f, change), exact

    def put_in(self, f: Formula) -> tuple[Formula, bool]:
        """Return a formula with numbers for its names, and whether they are exact."""
        exact = True

        def change(node: Formula) -> Formula | None:
            nonlocal exact
            if not isinstance(node, Name):
                return None
            quantity = self.quantity(*self.values(node))
            exact &= quantity.exact
            return quantity.number

        return replaced(f, change), exact

    def in_digits(self, value: float) -> Quantity:
        """Return a number of the graph as it is."""
        number = as_given(value, self.digits)
        return Quantity(number, float(number) == value)

    def line(self, left: Formula, written: Formula, value: float, *, names: bool = True) -> Line:
        """Return ``left = written = with numbers = number``, without what would be said twice.

        Parameters
        ----------
        left
            What is computed.
        written
            Its formula.
        value
            Its number in the graph.
        names
            Whether the formula is shown with its names too.
        """
        named, constants_exact = self.constants(written)
        numeric, numbers_exact = self.put_in(named)
        steps = [(constants_exact, named), (numbers_exact, numeric)]
        if not names:
            steps = [(constants_exact and numbers_exact, numeric)]
        return self.to_the_number(left, steps, value, self.digits)

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
        number, exact = self.rounding(steps[-1][1], value, digits)
        sides, signs = [left], []
        for equal, side in [*steps, (exact, number)]:
            if len(sides) > 1 and same(sides[-1], side):
                continue
            sides.append(side)
            signs.append("=" if equal else "≈")
        last = sides[-1] if isinstance(sides[-1], Number) else number
        return Line(Equation(*sides, sign=signs), Quantity(last, "≈" not in signs))

    def rounding(self, numeric: Formula, value: float, digits: int) -> Quantity:
        """Return what a formula of numbers is, rounded, and whether it is exactly that."""
        if isinstance(numeric, Number):
            self.compare(numeric, value, 0.0)
            return Quantity(numeric, exact=True)
        try:
            x = exactly(numeric)
        except ERRORS:  # so rounded, its operands are outside the domain
            self.agrees = False
            return Quantity(rounded(value, digits), exact=False)
        number = rounded(float(x), digits)
        self.compare(number, value, noise(numeric))
        return Quantity(number, agree(x, exactly(number)))

    def compare(self, number: Number, value: float, slack: float) -> None:
        """Note whether a number, rounded, is that of the graph."""
        alike = same(rounded(float(number), self.wanted), rounded(value, self.wanted))
        self.agrees &= alike or abs(float(number) - value) <= slack

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
    result = sum(terms)
    return 0.0 if abs(result) <= _NOISE * sum(map(abs, terms)) else result


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
