"""Formulas as JavaScript, with the functions of ``Math`` and a few helpers in a file."""

from __future__ import annotations

import math
import pathlib
from typing import ClassVar

from micrograd_vn import table
from micrograd_vn.engine import Op
from micrograd_vn.formulas.code import Code

HELPERS = pathlib.Path(__file__).with_name("helpers.js")
"""The file with the functions that JavaScript's ``Math`` lacks."""

_MATH = {
    table.absolute: "abs", table.atan: "atan", table.cos: "cos", table.exp: "exp",
    table.expm1: "expm1", table.largest_op: "max", table.log: "log", table.log1p: "log1p",
    table.maximum: "max", table.minimum: "min", table.power: "pow", table.sign: "sign",
    table.sin: "sin", table.sqrt: "sqrt", table.tan: "tan", table.tanh: "tanh",
}  # fmt: skip
_HELPERS = frozenset({
    table.cross_entropy_op, table.erf, table.erfc, table.excess_op, table.greater,
    table.log_or_nan, table.log_softmax_op, table.logsumexp_op, table.power_slope, table.relu,
    table.sech, table.sigmoid, table.softmax_op, table.softmax_rest_op, table.step,
})  # fmt: skip


class JavaScript(Code):
    """Writes formulas in JavaScript."""

    reserved = frozenset(
        "abstract arguments async await boolean break byte case catch char class const continue "
        "debugger default delete do double else enum eval export extends f false final finally "
        "float for from function get globalThis goto if implements import in Infinity instanceof "
        "int interface let long Math NaN native new null of package private protected public "
        "return set short static super switch synchronized this throw throws transient true try "
        "typeof undefined var void volatile while with yield".split()
    )
    give = "for JavaScript, give its Op code=lambda x: … with arithmetic and operations"
    rows: ClassVar[dict[Op, str]] = Code.rows

    def is_known(self, op: Op) -> bool:
        """Whether ``Math`` or the helpers have the operation."""
        return op in _MATH or op in _HELPERS

    def function(self, op: Op) -> str:
        """Return the name by which an operation is called."""
        return f"Math.{_MATH[op]}" if op in _MATH else super().function(op)

    def literal(self, x: float) -> str:
        """Return a float."""
        if math.isnan(x):
            return "NaN"
        return repr(x).replace("inf", "Infinity")
