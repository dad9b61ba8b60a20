"""What rounding on the way may do to a number: honest calculation gives an interval.

A student goes on with a number as it was written, or with that on the calculator, which is the
same before it was rounded. So each number is held in an interval, no wider than this: from what
was written to what the numbers before it give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite

from micrograd_vn.exercises.calculation import Calculation

__all__ = ["Interval", "around", "left_out", "spread"]

Interval = tuple[float, float]


def spread(
    calculation: Calculation,
    symbol: str,
    numbers: Mapping[str, float],
    held: Mapping[str, Interval],
) -> Interval:
    """Return the least and the largest that a quantity is, from operands in intervals.

    Exact for a formula that rises or falls with each operand, which in intervals as narrow as
    those of rounding is nearly all of them; nan if it has no value.

    Parameters
    ----------
    calculation, symbol
        The exercise, and the quantity.
    numbers
        All numbers; of an operand that has an interval, one that is in it.
    held
        The intervals, by symbol.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> steps = Calculation(cau3())
    >>> low, high = spread(steps, "∂L/∂h₀", steps.numbers({}), {"ŷ₀": (0.8425, 0.8435)})
    >>> round(low, 6), round(high, 6)
    (-0.1575, -0.1565)
    """
    wide = [s for s in calculation.operands(symbol) if s in held and held[s][0] < held[s][1]]
    ends = []
    for sign in (-1, 1):
        at = dict(numbers)
        end = calculation.number(symbol, at)
        for operand in wide:
            kept = at[operand]
            for x in held[operand]:
                at[operand] = x
                tried = calculation.number(symbol, at)
                if sign * tried > sign * end:
                    end, kept = tried, x
            at[operand] = kept
        ends.append(end)
    return ends[0], ends[1]


def left_out(
    calculation: Calculation,
    symbols: Iterable[str],
    numbers: Mapping[str, float],
    held: Mapping[str, Interval],
    near: Callable[[float], float],
) -> dict[str, Interval]:
    """Return the intervals, with those of quantities that were not written down.

    Each is from what the numbers before it give to the same, rounded; no number that nobody
    gets by rounding in this way is in it.

    Parameters
    ----------
    calculation, numbers, held
        As in `spread`.
    symbols
        What was left out, each after those that it needs.
    near
        How one may have rounded these.
    """
    known = dict(held)
    for symbol in symbols:
        low, high = spread(calculation, symbol, numbers, known)
        if isfinite(low) and isfinite(high):
            known[symbol] = min(low, near(low)), max(high, near(high))
    return known


def around(number: float, slack: float, *others: float) -> Interval:
    """Return the interval from a number to others, no further than some slack allows.

    Examples
    --------
    >>> around(0.16, 0.005, 0.1571, 0.2)
    (0.1571, 0.165)
    """
    near = [min(max(x, number - slack), number + slack) for x in others if isfinite(x)]
    return min([number, *near]), max([number, *near])
