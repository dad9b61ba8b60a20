"""How numbers and formulas are written for a reader, everywhere alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from micrograd_vn.engine import Op

SUM, NAME = 1, 4  # how tightly a formula holds together, as in `Op.binding`

_SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(x: float, digits: int = 4) -> str:
    """Return `x` rounded to `digits` significant digits; the integer part stays whole.

    Zeros at the end are left out, and the minus is a minus sign, not a hyphen. Very
    large and very small numbers have a power of ten.

    Examples
    --------
    >>> number(-0.10997), number(-0.10997, 5), number(3.0), number(12345.678)
    ('−0.11', '−0.10997', '3', '12346')
    >>> number(6.02214e23), number(-1.5e-9), number(float("nan"))
    ('6.022·10²³', '−1.5·10⁻⁹', 'nan')
    """
    if not math.isfinite(x):
        return str(x).replace("inf", "∞").replace("-", "−")
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    power = int(exponent)
    text = f"{x:.{max(digits - 1 - power, 0)}f}" if -5 < power < 9 else mantissa
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    if not -5 < power < 9:
        text += "·10" + str(power).replace("-", "−").translate(_SUPERSCRIPTS)
    return text.replace("-", "−")


def formula(op: Op, operands: Sequence[tuple[str, int]]) -> tuple[str, int]:
    """Return how `op` on `operands` is written, and how tightly that holds together.

    Parameters
    ----------
    operands
        For each operand how it is written and how tightly that holds together.

    Examples
    --------
    >>> from micrograd_vn.engine import OPERATIONS
    >>> a_plus_b = formula(OPERATIONS["add"], [("a", NAME), ("b", NAME)])
    >>> formula(OPERATIONS["mul"], [a_plus_b, ("c", NAME)])
    ('(a + b)·c', 2)
    >>> formula(OPERATIONS["pow"], [a_plus_b, ("2", NAME)])
    ('(a + b)²', 3)
    """
    own, *required = op.binding
    required += [0] * (len(operands) - len(required))
    texts = [
        f"({text})" if binding < least else text
        for (text, binding), least in zip(operands, required, strict=True)
    ]
    if op.template is None:
        return f"{op.symbol}({', '.join(texts)})", own
    if op.template == "{}^{}" and all(c in "0123456789−" for c in operands[1][0]):
        return texts[0] + operands[1][0].translate(_SUPERSCRIPTS), own
    return op.template.format(*texts), own
