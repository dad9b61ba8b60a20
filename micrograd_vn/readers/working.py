"""The numbers of a solution: each computed from those above it, and written in one way.

What is put into a formula was given or computed before, with the digits that it was shown
with there, so every step can be done again by hand. How many digits that takes is decided
once for a whole solution: so many that its numbers, rounded, are those of the graph.
"""

from __future__ import annotations

from collections.abc import Sequence

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.errors import message
from micrograd_vn.formulas.identities import written_out
from micrograd_vn.formulas.tree import (
    Equation,
    Formula,
    Name,
    Number,
    formula_of,
    replaced,
    rounded,
)
from micrograd_vn.readers.arithmetic import Arithmetic, Line, Quantity
from micrograd_vn.readers.numbers import as_given, equals, shown
from micrograd_vn.readers.outline import Outline

_KNOWN_DIGITS = 12  # what a known result has, without binary noise


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
    arithmetic : Arithmetic
        How these numbers are computed with.
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
        self.outline, self.known, self.digits = outline, known, digits
        self.found = {v.label: v for v in found}
        self.beside = {
            v: v.label
            for v in topological_order(*found)
            if v.label is not None and Name(v.label) not in outline
        }
        self._by_label = {label: v for v, label in self.beside.items()}
        self.arithmetic = Arithmetic(wanted, digits)
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
                name = Name(self.beside[v]) if v in self.beside else self.outline.names[v]
                self.lines[v] = self.line(name, formula, v.data)
                self._quantities[v] = self.lines[v].quantity
        return self._quantities[value]

    def in_order(self) -> dict[Value, Line]:
        """Return `lines` in the order of the graph, and not in the order of need."""
        needed, self.lines, self._quantities = self.lines, {}, {}
        for v in self.outline.names:
            if v in needed:
                self.quantity(v)
        return self.lines

    def values(self, f: Formula) -> list[Value]:
        """Return the values in a formula."""
        names = [x for x in topological_order(f) if isinstance(x, Name)]
        inside, beside = self.outline, self._by_label
        return [inside.value(x) if x in inside else beside[x.label] for x in names]

    def formula(self, value: Value) -> Formula | None:
        """Return how a value is computed, or None if it is given."""
        given = value.op is None if self.known is None else value in self.known
        if given or isinstance(value, Constant) or (value.op is None and value in self.beside):
            return None
        if value in self.beside:
            return self.source(value)
        if value.op is not None:
            return self.outline.definition(value)
        if value.label in self.found:
            return self.source(self.found[value.label])
        raise ValueError(message("not known", repr(value)))

    def source(self, found: Value) -> Formula:
        """Return how a value beside the graph is computed."""
        names = {v: Name(v.label) for v in topological_order(found) if v.label is not None}
        return written_out(formula_of(found, names, lambda v: Number(v.data)))

    def given(self, value: Value) -> Quantity:
        """Return a number that is given; that of a result is free of binary noise."""
        number = shown(value, self.digits)
        if value.op is not None:
            number = as_given(float(rounded(value.data, _KNOWN_DIGITS)), self.digits)
        self.arithmetic.compare(number, value.data, 0.0)
        return Quantity(number, equals(number, value.data) == "=")

    def taken(self, value: Value) -> Line:
        """Return the number of a value as it is in the graph."""
        number = self.arithmetic.in_digits(value.data)
        sign = "=" if number.exact else "≈"
        return Line(Equation(self.outline.names[value], number.number, sign=sign), number)

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
            if node.op is table.neg and isinstance(node.parents[0], Number):
                return -node.parents[0]  # σ(0.7) for σ(−(−0.7))
            if not isinstance(node, Name):
                return None
            quantity = self.quantity(*self.values(node))
            exact &= quantity.exact
            return quantity.number

        return replaced(f, change), exact

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
        return self.arithmetic.to_the_number(left, steps, value, self.digits)
