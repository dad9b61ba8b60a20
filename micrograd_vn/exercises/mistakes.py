"""Mistakes: the wrong numbers that typical slips give, for quizzes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isfinite
from typing import NamedTuple

from micrograd_vn.exercises.calculation import DIGITS, Calculation, Program
from micrograd_vn.exercises.slips import SLIPS, around_of, changed
from micrograd_vn.formulas.tree import Formula, Number, to_decimals

__all__ = ["Mistake", "mistakes"]

# Kinds of slips, the commonest of a class first: a path forgotten, another class or weight.
_COMMON = (
    ("path forgotten", "term forgotten", "factor forgotten", "divisor forgotten"),
    ("other class", "other path", "other index", "formula of another"),
    ("swapped",),
    ("function forgotten",),
    ("multiplication for division", "division for multiplication", "plus for minus",
     "minus for plus"),
    ("minus added",),
)  # fmt: skip


class Mistake(NamedTuple):
    """A wrong number for a quantity, and how one comes by it.

    Attributes
    ----------
    number
        The wrong number.
    symbol
        The quantity at which the slip is made: that one, or one before it.
    formula
        What is taken for the formula of that.
    """

    number: Number
    symbol: str
    formula: Formula


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
    >>> for number, symbol, formula in mistakes(Calculation(cau3()), "∂L/∂h₁", 4):
    ...     print(number, "from", symbol, "=", formula)
    0.8429 from ∂L/∂h₁ = ŷ₀ − y₁
    −0.1571 from ∂L/∂h₁ = y₁ − ŷ₁
    −0.8429 from ∂L/∂h₁ = ŷ₁ − y₀
    """
    numbers = calculation.numbers({})
    right = [numbers[quantity], calculation.numbers({}, DIGITS)[quantity]]
    seen = {to_decimals(x, decimals).shown for x in right}
    kinds = [_slips(calculation, quantity, kind) for kind in _COMMON]
    while kinds:
        for slips in list(kinds):
            for symbol, formula in slips:
                own = {symbol: Program(formula)(numbers)}
                x = calculation.numbers(own)[quantity]
                if isfinite(x) and to_decimals(x, decimals).shown not in seen:
                    seen.add(to_decimals(x, decimals).shown)
                    yield Mistake(to_decimals(x, decimals), symbol, formula)
                    break
            else:
                kinds.remove(slips)


def _slips(
    calculation: Calculation, quantity: str, kinds: Collection[str]
) -> Iterator[tuple[str, Formula]]:
    """Yield where a slip may be made on the way to a quantity, and what stands there then."""
    for symbol in reversed(calculation.leading_to(quantity)):
        around = around_of(calculation, symbol)
        for slip in SLIPS:
            if slip.name in kinds:
                for change in changed(slip, around):
                    yield symbol, change.now
