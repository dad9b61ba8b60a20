"""An exercise as it is calculated by hand: each quantity from those before it.

First the values, from what is given to the output; then the derivatives, from the output back
to what is asked for. Who draws variants and who marks answers goes through the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property, reduce
from operator import add
from typing import Any

from micrograd_vn.engine import Op, topological_order
from micrograd_vn.errors import ERRORS
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import (
    Derivative,
    Formula,
    Name,
    Number,
    replaced,
    rounded,
    same,
    to_decimals,
)
from micrograd_vn.readers.factors import Factors
from micrograd_vn.readers.working import Working

DIGITS = 4  # significant ones that a solution shows of a number on the way


class Calculation:
    """The quantities of an exercise, by their symbols as text, each after those that it needs.

    Attributes
    ----------
    given : dict of str to float
        What is given.
    symbols, formulas : dict of str to Formula
        What is calculated, and how.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> steps = Calculation(cau3())
    >>> steps.formulas["∂L/∂h₀"], steps.formulas["∂L/∂R"]
    (ŷ₀ − y₀, ∂L/∂h₀ · ∂h₀/∂R + ∂L/∂h₁ · ∂h₁/∂R)
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.given = dict(exercise.givens)
        self.symbols: dict[str, Formula] = {}
        self.formulas: dict[str, Formula] = {}
        self._operands: dict[str, set[str]] = {}
        self._programs: dict[str, Program] = {}
        expression = exercise.expression
        self._factors = Factors(exercise.output, [exercise.start], tuple(expression.beside), DIGITS)
        self._forward()
        self._backward()
        if exercise.given is not None:
            slope = self._factors.by_output(exercise.start)
            self._add(exercise.asked, Derivative(exercise.asked.of, slope.by) / slope)

    def _forward(self) -> None:
        """Add the values, from what is given to the output."""
        exercise, names = self.exercise, self._factors.names
        found = exercise.expression.found
        computed = {v.label for v in found}
        known = {v for v in names if v.op is None and v.label not in computed}
        known.update(exercise.known)
        working = Working(self._factors.outline, known, found, DIGITS, DIGITS)
        for v in topological_order(*names, *found):
            if v.label is not None and v in known:
                self.given.setdefault(v.label, v.data)
        for v in names:
            working.quantity(v)
        for v, line in working.lines.items():
            formula = working.formula(v)
            assert formula is not None
            self._add(line.equation.sides[0], formula)

    def _backward(self) -> None:
        """Add the derivatives, from the output back to where the question starts."""
        factors, start = self._factors, self.exercise.start
        depth = factors.depths()
        for v in sorted(dict.fromkeys([*factors.steps, start]), key=lambda v: depth.get(v, 0)):
            if v is factors.output:
                continue
            for u in factors.users(v):
                factor = factors.factor(u, v)
                self._add(factor.symbol, self._of_values(factor.formula))
            symbol = factors.by_output(v)
            if Text()(symbol) not in self.formulas:
                self._add(symbol, reduce(add, factors.terms(v) or [Number(0)]))

    def _of_values(self, f: Formula) -> Formula:
        """Return a derivative in terms of values that are there: 1 − h² for 1 − tanh²(z)."""

        def name(part: Formula) -> Formula | None:
            if part.op is None:
                return None
            alike = (s for s, known in self.formulas.items() if same(known, part))
            return next((self.symbols[s] for s in alike if isinstance(self.symbols[s], Name)), None)

        return replaced(f, name)

    def _add(self, symbol: Formula, formula: Formula) -> None:
        name = Text()(symbol)
        self.symbols[name], self.formulas[name] = symbol, formula
        nodes = topological_order(formula)
        self._operands[name] = {Text()(f) for f in nodes if isinstance(f, (Name, Derivative))}
        self._programs[name] = Program(formula)

    def operands(self, symbol: str) -> set[str]:
        """Return the quantities from which one is calculated."""
        return self._operands[symbol]

    @cached_property
    def written(self) -> tuple[str, ...]:
        """What is given, and all symbols with their formulas: the same for most variants."""
        formulas = [f"{name} = {Text()(f)}" for name, f in self.formulas.items()]
        return (*self.given, *formulas)

    @property
    def needed(self) -> set[str]:
        """What has to be calculated for the answer, and the answer."""
        return set(self.leading_to(self.exercise.question))

    def leading_to(self, quantity: str) -> list[str]:
        """Return what has to be calculated for a quantity, in this order, and the quantity."""
        needed = {quantity}
        for symbol in reversed(self.formulas):
            if symbol in needed:
                needed |= self.operands(symbol) & self.formulas.keys()
        return [symbol for symbol in self.formulas if symbol in needed]

    def number(self, symbol: str, numbers: Mapping[str, float]) -> float:
        """Return a quantity from the numbers of those before it; nan if it has none."""
        return self._programs[symbol](numbers)

    def numbers(
        self, own: Mapping[str, float], digits: int | None = None, *, decimals: int | None = None
    ) -> dict[str, float]:
        """Return all numbers.

        Parameters
        ----------
        own
            Those that are taken as they are.
        digits
            To how many significant digits the others are rounded, but the answer.
        decimals
            To how many decimals, instead.
        """

        def near(x: float) -> float:
            if digits is not None:
                return float(rounded(x, digits))
            return x if decimals is None else float(to_decimals(x, decimals))

        numbers = self.given | dict(own)
        for symbol in self.formulas:
            if symbol not in own:
                x = self.number(symbol, numbers)
                numbers[symbol] = x if symbol == self.exercise.question else near(x)
        return numbers


class Program:
    """A formula to be computed many times: called with numbers by symbol as text.

    The result is nan where the formula has no value.

    Examples
    --------
    >>> x, y = Name("x"), Name("y")
    >>> quotient = Program(x / y)
    >>> quotient({"x": 1.0, "y": 4.0}), quotient({"x": 1.0, "y": 0.0})
    (0.25, nan)
    """

    __slots__ = ("_steps",)

    def __init__(self, f: Formula) -> None:
        order = topological_order(f)
        places = {node: i for i, node in enumerate(order)}
        self._steps: list[tuple[Op | None, Any]] = []
        for node in order:
            if node.op is not None:
                self._steps.append((node.op, [places[x] for x in node.parents]))
            else:
                self._steps.append((None, float(node) if isinstance(node, Number) else str(node)))

    def __call__(self, numbers: Mapping[str, float]) -> float:
        """Return what the formula is."""
        done: list[float] = []
        try:
            for op, what in self._steps:
                if op is not None:
                    done.append(float(op.forward(*[done[i] for i in what])))
                else:
                    done.append(numbers[what] if isinstance(what, str) else what)
        except ERRORS:
            return math.nan
        return done[-1]
