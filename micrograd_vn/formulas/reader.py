"""Formulas as a person types them: ``∂L/∂w₁ = −0.33``, ``z = w·x + b``.

Names are found as labels are, by `symbol`; what is left is read by Python's own grammar, and
never run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal

from micrograd_vn import table
from micrograd_vn.engine import Op
from micrograd_vn.errors import message
from micrograd_vn.formulas.names import SUPERSCRIPTS, symbol
from micrograd_vn.formulas.tree import Apply, Derivative, Equation, Formula, Name, Number

__all__ = ["read"]

_SIGNS = str.maketrans({"·": "*", "×": "*", "−": "-", "^": "**", "⋅": "*", "–": "-"})
_RAISED = {raised: plain for plain, raised in SUPERSCRIPTS.items()} | {ord("⁻"): "-"}
_LONGEST_LABEL = 60
_BINARY: dict[type[ast.operator], Op] = {
    ast.Add: table.add, ast.Sub: table.sub, ast.Mult: table.mul, ast.Div: table.div,
    ast.Pow: table.power,
}  # fmt: skip
_FUNCTIONS = {op.symbol: op for op in vars(table).values() if isinstance(op, Op)} | {
    name: op for name, op in vars(table).items() if isinstance(op, Op)
}


def read(text: str, gap: Callable[[str], Formula] | None = None) -> Formula | Equation:
    """Return the formula or the equation that a text says.

    Parameters
    ----------
    text
        Names as labels are, numbers, ``+ − · / ^``, powers such as ``x²``, parentheses, calls
        of operations, and derivatives such as ``∂L/∂w₁``; equations with ``=``.
    gap
        What stands for ``{name}`` in the text.

    Raises
    ------
    ValueError
        It is no formula.

    Examples
    --------
    >>> read("w₂′·R + ∂L/∂w₁")
    w₂′·R + ∂L/∂w₁
    >>> [side for side in read("y = x² + ln(ŷ₀)/2").sides]
    [y, x² + ln(ŷ₀)/2]
    """
    sides = [_side(side, gap) for side in text.split("=")]
    return sides[0] if len(sides) == 1 else Equation(*sides)


def _side(text: str, gap: Callable[[str], Formula] | None) -> Formula:
    """Return one side of an equation."""
    found: dict[str, Formula] = {}
    functions: dict[str, str] = {}

    def word(f: Formula) -> str:
        found[f"_{len(found)}"] = f
        return f" _{len(found) - 1} "

    python, rest = "", text.strip()
    while rest:
        if rest[0] == "{" and gap is not None and "}" in rest:
            name, _, rest = rest[1:].partition("}")
            python += word(gap(name))
        elif (derivative := _derivative(rest)) is not None:
            f, rest = derivative
            python += word(f)
        elif label := _label(rest):
            rest = rest[len(label) :]
            if rest.startswith("(") and label in _FUNCTIONS:
                functions[f"f{len(functions)}"] = label
                python += f" f{len(functions) - 1}"
            else:
                python += word(Name(label))
        elif digits := rest[: len(rest) - len(rest.lstrip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))]:
            python, rest = f"{python}**({digits.translate(_RAISED)})", rest[len(digits) :]
        else:
            python, rest = python + rest[0].translate(_SIGNS), rest[1:]
    try:
        return _made(ast.parse(python.strip(), mode="eval").body, found, functions)
    except (SyntaxError, KeyError, RecursionError, MemoryError):
        raise ValueError(message("no formula", repr(text.strip()))) from None


def _label(text: str) -> str:
    """Return the label that a text begins with; small raised figures are an exponent."""
    for end in range(min(len(text), _LONGEST_LABEL), 0, -1):
        parts = symbol(text[:end])
        if parts is not None and "_" not in parts.stem and "(" in (parts.above or "("):
            return text[:end]
    return ""


def _derivative(text: str) -> tuple[Derivative, str] | None:
    """Return the derivative that a text begins with, and the rest."""
    if not text.startswith("∂"):
        return None
    of = _label(text[1:])
    rest = text[1 + len(of) :]
    by = _label(rest[2:]) if rest.startswith("/∂") else ""
    return (Derivative(Name(of), [Name(by)]), rest[2 + len(by) :]) if of and by else None


def _made(node: ast.expr, names: Mapping[str, Formula], functions: Mapping[str, str]) -> Formula:
    """Return the formula of a part of the grammar."""
    match node:
        case ast.BinOp(left, sign, right) if type(sign) in _BINARY:
            operands = [_made(x, names, functions) for x in (left, right)]
            return Apply(_BINARY[type(sign)], *operands)
        case ast.UnaryOp(ast.USub(), x):
            inside = _made(x, names, functions)
            return -inside if isinstance(inside, Number) else Apply(table.neg, inside)
        case ast.UnaryOp(ast.UAdd(), x):
            return _made(x, names, functions)
        case ast.Name(name):
            return names[name]
        case ast.Constant(int() | float() as x) if not isinstance(x, bool):
            return Number(Decimal(repr(x)))
        case ast.Call(ast.Name(name), operands, []):
            op = _FUNCTIONS[functions[name]]
            return Apply(op, *[_made(x, names, functions) for x in operands])
    raise KeyError(node)
