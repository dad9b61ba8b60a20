"""What the engine says when something is wrong, and how it finds out.

An error names the operation, its operands with their labels, and what to do, in the language
of the reader. The phrases are in `phrases.toml`, which is read when the first error is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf, isnan, nan
from numbers import Real
from typing import Any, NoReturn

# What a rule may raise that has to do with its operands.
ERRORS = (ArithmeticError, ValueError, TypeError)
_BUILT_IN = "micrograd_vn.table"  # operations of which Python's own words for 0 say enough


def message(name: str, *said: object) -> str:
    """Return a phrase for an error with its gaps filled, in the language of the reader."""
    from micrograd_vn.phrases import language, phrases

    return phrases("error", language(otherwise="en"))[name].format(*said)


def real(x: object, owner: str) -> float:
    """Return a real number as a float, or say whose number is none."""
    if not isinstance(x, (float, int, Real)):
        raise TypeError(message("real", owner, type(x).__name__, repr(x)))
    return float(x)


def text(label: object, owner: Any) -> str | None:
    """Return a label, or say that it is none."""
    if not (label is None or isinstance(label, str)):
        raise TypeError(message("label", owner.data, type(label).__name__, repr(label)))
    return label


def check(data: float, operands: Sequence[Any]) -> None:
    """Raise if `data` is infinite or not a number though no operand was.

    An operation that means nan returns `math.nan` itself.
    """
    if isnan(data) and data is not nan and not any([isnan(x.data) for x in operands]):
        raise ValueError(message("nan"))
    if isinf(data) and not any([isinf(x.data) for x in operands]):
        raise OverflowError(message("too large"))


def fail(error: Exception, op: Any, operands: Sequence[Any], what: str = "") -> NoReturn:
    """Raise an error like `error` that says what failed, on which operands, and why.

    `what` is the phrase for what failed, if it is not the operation itself.
    """
    shown = [described(x) for x in operands[:8]] + ["…"] * (len(operands) > 8)
    where, why = f"{op}({', '.join(shown)})", str(error)
    by_zero = isinstance(error, ZeroDivisionError) and op.__module__ != _BUILT_IN
    if (why == "math domain error" or by_zero) and op.domain and not what:
        why = message("domain", op.domain)
    said = f"{message(what, where) if what else where}: {_in_words(why)}"
    try:
        like = type(error)(said)
    except Exception:
        like = None
    if like is None or str(like) != said:  # it is not made of a text, as UnicodeDecodeError
        error.add_note(said)
        raise error
    raise like from error


def _in_words(why: str) -> str:
    """Return what Python says of an operation, in the language of the reader."""
    from micrograd_vn.phrases import language, phrases

    return phrases("python", language(otherwise="en")).get(why, why)


def described(x: Any) -> str:
    """Return a value with its label, or a number."""
    if not hasattr(x, "backward"):
        return repr(x)
    return repr(x.data) if x.label is None else f"{x.label}={x.data!r}"


def counted(partials: Any, op: Any, n: int) -> Sequence[Any]:
    """Return the partial derivatives that a rule gave, one for each of `n` operands."""
    if not hasattr(partials, "__len__") or len(partials) != n:
        bare = not hasattr(partials, "__len__")
        given = message("no sequence", repr(partials)) if bare else len(partials)
        raise TypeError(message("partials", n, op, given))
    return partials  # type: ignore[no-any-return]
