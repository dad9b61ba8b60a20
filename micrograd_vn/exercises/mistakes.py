"""Mistakes: the wrong numbers that typical slips give, for quizzes."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import NamedTuple

from micrograd_vn.exercises.calculation import DIGITS, Calculation, number_of
from micrograd_vn.exercises.slips import SLIPS, changed
from micrograd_vn.formulas.names import symbol as parts_of
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Derivative, Formula, Name, Number, to_decimals

__all__ = ["Mistake", "mistakes"]

# The commonest of a class first: a path forgotten, another class or weight.
_COMMON = (
    "left out", "another quantity", "order", "function left out", "another operation", "sign",
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
                own = {symbol: number_of(formula, numbers)}
                x = calculation.numbers(own)[quantity]
                if isfinite(x) and to_decimals(x, decimals).shown not in seen:
                    seen.add(to_decimals(x, decimals).shown)
                    yield Mistake(to_decimals(x, decimals), symbol, formula)
                    break
            else:
                kinds.remove(slips)


def _slips(calculation: Calculation, quantity: str, kind: str) -> Iterator[tuple[str, Formula]]:
    """Yield where a slip may be made on the way to a quantity, and what stands there then."""
    for symbol in reversed(calculation.leading_to(quantity)):
        f = calculation.formulas[symbol]
        for now in changed(f, SLIPS[kind], _before(calculation, symbol)):
            if kind != "another quantity" or _mistakable(f, now):
                yield symbol, now


def _before(calculation: Calculation, symbol: str) -> list[Formula]:
    """Return the quantities that are known before one."""
    order = list(calculation.formulas)
    earlier = order[: order.index(symbol)]
    return [Name(x) for x in calculation.given] + [calculation.symbols[x] for x in earlier]


def _mistakable(f: Formula, now: Formula) -> bool:
    """Return whether two formulas differ in a quantity that has the letters of the other."""
    if f.op is None:
        return _letters(f) == _letters(now) != ()
    return all(x is y or _mistakable(x, y) for x, y in zip(f.parents, now.parents, strict=True))


def _letters(f: Formula) -> tuple[str, ...]:
    """Return the letters of a symbol, without indices: h for h₀, L and h for ∂L/∂h₀."""
    if isinstance(f, Derivative):
        return sum(map(_letters, (f.of, *f.by)), ())
    parts = parts_of(Text()(f)) if isinstance(f, Name) else None
    return () if parts is None else (parts.stem,)
