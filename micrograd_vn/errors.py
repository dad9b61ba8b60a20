"""What the engine says when something is wrong, and how it finds out.

An error names the operation, its operands with their labels, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf, isnan, nan
from numbers import Real
from typing import Any, NoReturn

# What a rule may raise that has to do with its operands.
ERRORS = (ArithmeticError, ValueError, TypeError)


def real(x: object, owner: str) -> float:
    """Return a real number as a float, or say whose number is none."""
    if not isinstance(x, (float, int, Real)):
        raise TypeError(f"{owner}: expected a real number, not {type(x).__name__} {x!r}")
    return float(x)


def text(label: object, owner: Any) -> str | None:
    """Return a label, or say that it is none."""
    if not (label is None or isinstance(label, str)):
        kind = type(label).__name__
        raise TypeError(f"Value({owner.data!r}): a label is a string, not {kind} {label!r}")
    return label


def check(data: float, operands: Sequence[Any]) -> None:
    """Raise if `data` is infinite or not a number though no operand was.

    An operation that means nan returns `math.nan` itself.
    """
    if isnan(data) and data is not nan and not any([isnan(x.data) for x in operands]):
        raise ValueError("the result is not a number (nan)")
    if isinf(data) and not any([isinf(x.data) for x in operands]):
        raise OverflowError("the result is too large for a float")


def fail(error: Exception, op: Any, operands: Sequence[Any], what: str = "") -> NoReturn:
    """Raise an error like `error` that says what failed, on which operands, and why."""
    shown = [described(x) for x in operands[:8]] + ["…"] * (len(operands) > 8)
    why = str(error)
    if why == "math domain error" and op.domain and not what:
        why = f"needs {op.domain}"
    message = f"{what}{op}({', '.join(shown)}): {why}"
    try:
        like = type(error)(message)
    except Exception:
        like = None
    if like is None or str(like) != message:  # it is not made of a text, as UnicodeDecodeError
        error.add_note(message)
        raise error
    raise like from error


def described(x: Any) -> str:
    """Return a value with its label, or a number."""
    if not hasattr(x, "backward"):
        return repr(x)
    return repr(x.data) if x.label is None else f"{x.label}={x.data!r}"


def counted(partials: Any, op: Any, n: int) -> Sequence[Any]:
    """Return the partial derivatives that a rule gave, one for each of `n` operands."""
    if not hasattr(partials, "__len__") or len(partials) != n:
        given = f"{len(partials)}" if hasattr(partials, "__len__") else f"no sequence: {partials!r}"
        raise TypeError(
            f"partials returns one derivative for each of the {n} operands, as (dx,) or (dx, dy), "
            f"but that of {op} gave {given}"
        )
    return partials  # type: ignore[no-any-return]


DECIDES = (
    "it decides by the data, with an if or a comparison, so it has no formula: write it with "
    "step(x), sign(x), greater(x, y), maximum or minimum of micrograd_vn.ops"
)
