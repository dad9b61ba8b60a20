"""Formulas as Python, for floats or for the arrays of a library."""

from __future__ import annotations

import builtins
import keyword
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar

from micrograd_vn import table
from micrograd_vn.engine import Op
from micrograd_vn.formulas.code import Code
from micrograd_vn.formulas.tree import Formula, Number
from micrograd_vn.formulas.writer import NAME, POWER, Written


class Python(Code):
    """Writes formulas in Python.

    Parameters
    ----------
    library
        The module with NumPy's functions, or None for floats.
    """

    reserved = frozenset({*keyword.kwlist, *dir(builtins), "f", "inf", "nan", "np"})
    give = "for arrays, give its Op arrays=lambda np, x: … with NumPy's functions"
    rows: ClassVar[dict[Op, str]] = {**Code.rows, table.power: "power", table.absolute: "absolute"}

    def __init__(self, library: ModuleType | None = None) -> None:
        super().__init__()
        self.library = library

    def is_known(self, op: Op) -> bool:
        """Whether the operation is called: `forward` unless it has code, and `arrays`."""
        return op.code is None if self.library is None else op.arrays is not None

    def literal(self, x: float) -> str:
        """Return a float; `inf` and `nan` are names that the function gets."""
        return repr(x)

    def absolute(self, x: Formula) -> Written:
        """Return the absolute value."""
        return f"abs({self(x)})", NAME

    def power(self, x: Formula, y: Formula) -> Written:
        """Return a power: with a whole exponent, Python's own has nothing complex."""
        if isinstance(y, Number) and float(y).is_integer():
            return f"{self(x, NAME)} ** {self(y, NAME)}", POWER
        return self.called(table.power, [x, y])

    def implementations(self) -> dict[str, Any]:
        """Return the functions that the source calls, by name."""
        return {name: implementation(op, self.library) for op, name in self.functions.items()}


def implementation(op: Op, library: ModuleType | None) -> Any:
    """Return what computes an operation on floats, or on the arrays of a library."""
    arrays = op.arrays
    if library is None or arrays is None:
        return op.forward
    if isinstance(arrays, str):
        return getattr(library, arrays)
    if library.__name__ == "dask.array":
        return partial(_of_blocks, library, partial(arrays, import_module("numpy")))
    return partial(arrays, library)


def _of_blocks(da: Any, function: Any, *operands: Any) -> Any:
    """Return a function of NumPy arrays on each block: a task for all that is done in it."""
    if not any([isinstance(x, da.Array) for x in operands]):
        return function(*operands)
    return da.map_blocks(function, *operands, dtype=float)
