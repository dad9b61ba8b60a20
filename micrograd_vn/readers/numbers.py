"""The one form of a value's number: on a page, what is given as 3.0 stays 3.0."""

from __future__ import annotations

from decimal import Decimal

from micrograd_vn.engine import Constant, Value
from micrograd_vn.formulas.tree import Number, rounded

__all__ = ["shown"]


def shown(value: Value, digits: int) -> Number:
    """Return the number of a value as it is written; a whole one that is given has a decimal.

    Examples
    --------
    >>> x = Value(3.0)
    >>> shown(x, 4), shown(x / 7, 4), shown(x * 2, 4)
    (3.0, 0.4286, 6)
    """
    number = rounded(value.data, digits)
    given = value.op is None and not isinstance(value, Constant)
    if given and number.shown.is_finite() and number.shown == number.shown.to_integral_value():
        return Number(number.shown.quantize(Decimal("0.1")))
    return number
