"""Mistakes: the wrong numbers that typical slips give, for quizzes."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import NamedTuple

from micrograd_vn.exercises.calculation import DIGITS, Calculation, Program
from micrograd_vn.exercises.slips import SLIPS, Change, Slip, around_of, changed
from micrograd_vn.formulas.tree import Number, to_decimals

__all__ = ["Mistake", "mistakes"]

# The commonest of a class first. Others may explain a number, but nobody who was taught the
# subject makes them.
_COMMON = (
    "path forgotten", "other class", "swapped", "multiplication for division", "other path",
    "factor forgotten", "divisor forgotten", "minus forgotten", "minus added", "other index",
    "plus for minus", "term forgotten", "function forgotten", "derivative of another",
    "value for derivative", "division for multiplication", "minus for plus",
)  # fmt: skip


class Mistake(NamedTuple):
    """A wrong number for a quantity, and how one comes by it.

    Attributes
    ----------
    number
        The wrong number.
    symbol
        The quantity at which the slip is made: that one, or one before it.
    slip, change
        The slip, and what it makes of the formula.
    """

    number: Number
    symbol: str
    slip: Slip
    change: Change


def mistakes(calculation: Calculation, quantity: str, decimals: int) -> Iterator[Mistake]:
    """Yield wrong numbers for a quantity, each by one slip at it or before it.

    All differ, from the right one too, when rounded. They come in turn from each kind of slip;
    of a kind, those at the quantity itself are first.

    Parameters
    ----------
    calculation
        The exercise, as it is calculated by hand.
    quantity
        The quantity, by its symbol.
    decimals
        How many decimals the numbers have.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> for number, symbol, slip, change in mistakes(Calculation(cau3()), "∂L/∂h₁", 4):
    ...     print(number, "from", symbol, "=", change.now)
    0.8429 from ∂L/∂h₁ = ŷ₀ − y₁
    −0.1571 from ∂L/∂h₁ = y₁ − ŷ₁
    −0.8429 from ∂L/∂h₁ = ŷ₁ − y₀
    """
    numbers = calculation.numbers({})
    right = [numbers[quantity], calculation.numbers({}, DIGITS)[quantity]]
    seen = {to_decimals(x, decimals).shown for x in right}
    named = {slip.name: slip for slip in SLIPS}
    made = {named[kind]: _made(calculation, quantity, named[kind]) for kind in _COMMON}
    while made:
        for slip, changes in list(made.items()):
            for symbol, change in changes:
                own = {symbol: Program(change.now)(numbers)}
                x = calculation.numbers(own)[quantity]
                if isfinite(x) and to_decimals(x, decimals).shown not in seen:
                    seen.add(to_decimals(x, decimals).shown)
                    yield Mistake(to_decimals(x, decimals), symbol, slip, change)
                    break
            else:
                del made[slip]


def _made(calculation: Calculation, quantity: str, slip: Slip) -> Iterator[tuple[str, Change]]:
    """Yield where a slip may be made on the way to a quantity, and what stands there then."""
    numbers = calculation.numbers({})
    for symbol in reversed(calculation.leading_to(quantity)):
        for change in changed(slip, around_of(calculation, symbol)):
            if change.negative is None or Program(change.negative)(numbers) < 0:
                yield symbol, change
