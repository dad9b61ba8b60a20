"""What makes a value behave as a number: its operators, methods and comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from micrograd_vn.errors import described, message

if TYPE_CHECKING:
    from micrograd_vn.engine import Value

Number: TypeAlias = "Value | float"
_EXPONENTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Operators:
    """The part of `Value` that is not the chain rule.

    Arithmetic and methods are attached by `micrograd_vn.table`, where the operations are. Each
    calls ``apply_op``, so that what stands for a number can say what an operation does to it.
    """

    __slots__ = ()

    __array_ufunc__ = None  # NumPy scalars on the left leave the operation to us

    data: float
    grad: float
    _label: str | None

    if TYPE_CHECKING:

        def __add__(self, other: Self | float) -> Self: ...
        def __radd__(self, other: Self | float) -> Self: ...
        def __sub__(self, other: Self | float) -> Self: ...
        def __rsub__(self, other: Self | float) -> Self: ...
        def __mul__(self, other: Self | float) -> Self: ...
        def __rmul__(self, other: Self | float) -> Self: ...
        def __truediv__(self, other: Self | float) -> Self: ...
        def __rtruediv__(self, other: Self | float) -> Self: ...
        def __pow__(self, other: Self | float) -> Self: ...
        def __rpow__(self, other: Self | float) -> Self: ...
        def __neg__(self) -> Self: ...
        def __pos__(self) -> Self: ...
        def __abs__(self) -> Self: ...
        def exp(self) -> Self: ...
        def log(self) -> Self: ...
        def sqrt(self) -> Self: ...
        def sin(self) -> Self: ...
        def cos(self) -> Self: ...
        def tanh(self) -> Self: ...
        def sigmoid(self) -> Self: ...
        def relu(self) -> Self: ...

    # Comparisons are between numbers; as a key of a dict, a value is only itself.

    def __lt__(self, other: Number) -> bool:
        return bool(self.data < _data(other))

    def __le__(self, other: Number) -> bool:
        return bool(self.data <= _data(other))

    def __gt__(self, other: Number) -> bool:
        return bool(self.data > _data(other))

    def __ge__(self, other: Number) -> bool:
        return bool(self.data >= _data(other))

    def __eq__(self, other: object) -> bool:
        return bool(self.data == _data(other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.data)

    def __repr__(self) -> str:
        label = "" if self._label is None else f", label={self._label!r}"
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    def __float__(self) -> float:
        raise TypeError(message("float", described(self)))

    def __format__(self, spec: str) -> str:
        return format(self.data, spec)


class Undecided(Operators):
    """Stands for any number: it can be computed with, not compared.

    A rule that decides by its operands is found out by it.
    """

    __slots__ = ()

    @staticmethod
    def apply_op(op: Any, operands: Sequence[Any]) -> Any:
        """Return what stands for the result."""
        return Undecided()

    def __bool__(self, *_: object) -> bool:
        raise TypeError(message("decides"))

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __bool__

    def __float__(self, *_: object) -> float:
        raise TypeError(message("any number"))

    __int__ = __round__ = __float__
    __hash__ = object.__hash__


def values(owner: str, what: str, given: Any) -> list[Value]:
    """Return a sequence of values as a list, or say that it is none."""
    if hasattr(given, "backward"):
        raise TypeError(message("one value", owner, what, described(given)))
    if not isinstance(given, Iterable):
        raise TypeError(message("values", owner, what, type(given).__name__, repr(given)))
    return [value(owner, what, x, "each value") for x in given]


def value(owner: str, what: str, given: Any, phrase: str = "value") -> Value:
    """Return a value, or say that it is none."""
    if not hasattr(given, "backward"):
        raise TypeError(message(phrase, owner, what, type(given).__name__, repr(given)))
    return given  # type: ignore[no-any-return]


class DerivativeLabel(str):
    """The label ∂y/∂x, which knows what it is made of: that of its derivative is ∂²y/∂x²."""

    of: str
    by: tuple[str, ...]


def derived(of: str | None, by: str | None) -> str | None:
    """Return the label of a derivative; None where one of both has none.

    Examples
    --------
    >>> derived(derived("y", "x"), "x"), derived("y", None)
    ('∂²y/∂x²', None)
    """
    if not of or not by:
        return None
    of, xs = (of.of, (*of.by, by)) if isinstance(of, DerivativeLabel) else (of, (by,))
    if of.startswith("∂"):
        return None
    below = [f"∂{x}{_times(len([*same]))}" for x, same in groupby(xs)]
    label = DerivativeLabel(f"∂{_times(len(xs))}{of}/{''.join(below)}")
    label.of, label.by = of, xs
    return label


def _times(n: int) -> str:
    return "" if n == 1 else str(n).translate(_EXPONENTS)


def _data(x: Any) -> Any:
    return x.data if isinstance(x, Operators) else x
