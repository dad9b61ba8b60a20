"""The form of a value's number, the same in solutions, pictures and pages."""

from __future__ import annotations

import math
from decimal import Decimal

from micrograd_vn.engine import Constant, Value
from micrograd_vn.formulas.tree import Number, is_plain, rounded

_GIVEN = 8  # digits that a person gives at most
_NOISE = 1e-12  # what binary digits add to decimal ones


def as_given(x: float, digits: int) -> Number:
    """Return a number as a person gave it; rounded only if it has more digits than one gives."""
    given = rounded(x, _GIVEN)
    return given if float(given) == x else rounded(x, digits)


def equals(number: Number, exact: float) -> str:
    """Return what stands before a number: ``≈`` if it is rounded, else ``=``.

    Examples
    --------
    >>> equals(Number(0.5), 0.1 + 0.4), equals(Number(0.3333), 1 / 3)
    ('=', '≈')
    """
    return "≈" if abs(float(number) - exact) > _NOISE * abs(exact) else "="


def shown(value: Value, digits: int) -> Number:
    """Return the number of a value as it is written; what is given as 3.0 is written so, and 3 so.

    Examples
    --------
    >>> x = Value(3.0)
    >>> shown(x, 4), shown(Constant(1.0), 4), shown(x / 7, 4), shown(Value(0.84291), 4)
    (3.0, 1, 0.4286, 0.84291)
    """
    if isinstance(value.data, int):  # an exercise gives it so
        return Number(value.data)
    if value.op is not None or isinstance(value, Constant):
        return rounded(value.data, digits)
    number = as_given(value.data, digits)
    x = number.shown
    if x.is_finite() and x == x.to_integral_value() and is_plain(x.adjusted()):
        return Number(x.quantize(Decimal("0.1")))
    return number


def computed(x: float, digits: int) -> Number:
    """Return a number that was computed, rounded.

    What is near to 1 and less is not written as 1, so that a probability of 0.000002 beside it
    doesn't contradict it: it has the digits of what is missing.

    Examples
    --------
    >>> computed(1 - 0.0000021234, 4), computed(1 / 3, 4), computed(1.0, 4)
    (0.999997877, 0.3333, 1)
    """
    number, missing = rounded(x, digits), 1 - abs(x)
    if abs(float(number)) == 1 and missing > _NOISE:
        return rounded(x, digits - math.floor(math.log10(missing)) - 1)
    return number


def drawn(value: Value, digits: int) -> Number:
    """Return the number of a value as a picture shows it."""
    return shown(value, digits) if value.op is None else computed(value.data, digits)
