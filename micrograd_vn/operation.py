"""What an operation is: the one place that says how it is computed, derived and written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from micrograd_vn.errors import ERRORS, fail, real

__all__ = ["Op"]


class Op:
    """An operation: how it is computed, its partial derivatives, and how it is written.

    Creating an `Op` is all that it takes to add an operation: it can then be called,
    backpropagated through, differentiated to any order, drawn, explained and compiled.

    Parameters
    ----------
    name
        What error messages and compiled functions call it.
    forward
        The result as a `float`, from operands that are `float`.
    partials
        Called with the result and the operands; returns one partial derivative for
        each operand. Written with arithmetic and other operations and without an ``if``, so
        that the same rule serves numbers, values (`grad`) and formulas.
    symbol
        What diagrams show for it; its name unless given.
    notation
        The formula as one writes it by hand, from the formulas of the operands, by arithmetic
        and operations; ``symbol(x, y)`` unless given.
    code
        The formula that compiled functions compute, in the same way. Unless given, they compute
        what `forward` does, or where that can't be seen, `notation`.
    arrays
        `forward` for arrays: the name of NumPy's function, or a function that is called with a
        module that has NumPy's, and the operands. Not needed where `forward` is made of
        arithmetic and operations.
    domain
        Where the result exists, such as ``"x > 0"``; everywhere unless given.

    Examples
    --------
    >>> from micrograd_vn import Value
    >>> softsign = Op(
    ...     "softsign",
    ...     forward=lambda x: x / (1 + abs(x)),
    ...     partials=lambda out, x: (1 / (1 + abs(x)) ** 2,),
    ... )
    >>> x = Value(-3.0)
    >>> y = softsign(x)
    >>> y.backward()
    >>> y.data, x.grad
    (-0.75, 0.0625)
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        partials: Callable[..., Sequence[Any]],
        symbol: str | None = None,
        notation: Callable[..., Any] | None = None,
        code: Callable[..., Any] | None = None,
        arrays: Callable[..., Any] | str | None = None,
        domain: str = "",
    ) -> None:
        self.name, self.forward, self.partials = name, forward, partials
        self.symbol = name if symbol is None else symbol
        self.notation, self.code, self.arrays, self.domain = notation, code, arrays, domain
        self.__module__ = getattr(partials, "__module__", __name__)  # where pickle looks for it

    def __call__(self, *operands: Any) -> Any:
        """Return the recorded result; of plain numbers alone, a plain number.

        Raises
        ------
        TypeError
            An operand is neither a `Value` nor a real number.
        ValueError, ZeroDivisionError, OverflowError
            The operands are outside the domain, or the result is too large. The
            message names the operation and its operands with their labels.
        """
        for x in operands:
            if hasattr(x, "apply_op"):  # it is no number: a value, or a formula
                return x.apply_op(self, operands)
        numbers = [real(x, self.name) for x in operands]
        try:
            return self.forward(*numbers)
        except ERRORS as error:
            fail(error, self, numbers)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        """Pickle an operation as the name that its module has for it."""
        from pickle import PicklingError

        for name, x in vars(sys.modules.get(self.__module__, Op)).items():
            if x is self:
                return name
        raise PicklingError(
            f"can't pickle the operation {self}: no variable of the module {self.__module__} "
            "holds it; define it at the top of a module"
        )

    def __copy__(self) -> Op:
        return self

    def __deepcopy__(self, memo: object) -> Op:
        return self
