"""What the writers of formulas share: precedence, and which row of the table applies.

A language is a subclass: a table of signs with their precedences, and a method for each
kind of formula and for each operation that looks special in it. Parentheses are decided on
the tree: by how tightly a part holds together and how tightly it has to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, TypeAlias

from micrograd_vn.engine import Op
from micrograd_vn.formulas.names import symbol
from micrograd_vn.formulas.tree import Apply, Derivative, Formula, Name, Number

# How tightly a formula holds together, from a comma to a name.
NONE, SUM, PRODUCT, POWER, NAME = range(5)
Written: TypeAlias = tuple[str, int]


class Sign(NamedTuple):
    """An operator between two operands, and how tightly it and its operands hold together."""

    text: str
    own: int
    left: int
    right: int


class Writer:
    """Writes a formula as text; `Text`, `Latex` and the others say how."""

    signs: ClassVar[dict[Op, Sign]]
    rows: ClassVar[dict[Op, str]] = {}  # the method that writes an operation

    def __call__(self, f: Formula, least: int = NONE) -> str:
        """Return the formula, in parentheses if it is looser than `least`."""
        text, own = self.written(f)
        return text if own >= least else self.parenthesised(text, f)

    def written(self, f: Formula) -> Written:
        """Return the formula and how tightly it holds together."""
        match f:
            case Name():
                return self.name(f)
            case Number():
                return self.number(f)
            case Derivative():
                return self.derivative(f)
            case Apply():
                return self.operation(f.op, f.parents)
        raise TypeError(f"no formula: {f!r}")

    def operation(self, op: Op, operands: Sequence[Formula]) -> Written:
        """Return an operation on operands."""
        if op in self.signs:
            return self.between(self.signs[op], *operands)
        if op in self.rows:
            method: Callable[..., Written] = getattr(self, self.rows[op])
            return method(*operands)
        if (simpler := self.simpler(op, operands)) is not None:
            return self.written(simpler)
        return self.called(op, operands)

    def between(self, sign: Sign, x: Formula, y: Formula) -> Written:
        """Return two operands with a sign between them."""
        return f"{self(x, sign.left)}{sign.text}{self(y, sign.right)}", sign.own

    def simpler(self, op: Op, operands: Sequence[Formula]) -> Formula | None:
        """Return the formula that stands for an operation, if there is one."""
        return None if op.notation is None else _formula(op.notation(*operands))

    def called(self, op: Op, operands: Sequence[Formula]) -> Written:
        """Return a call."""
        return f"{self.function(op)}{self.parenthesised(self.listed(operands), *operands)}", NAME

    def listed(self, operands: Sequence[Formula]) -> str:
        """Return operands with commas between them."""
        return ", ".join(map(self, operands))

    def parenthesised(self, text: str, *inside: Formula) -> str:
        """Return text in parentheses; `inside` is what it says."""
        return f"({text})"

    def name(self, f: Name) -> Written:
        """Return a name."""
        raise NotImplementedError

    def number(self, f: Number) -> Written:
        """Return a number."""
        raise NotImplementedError

    def derivative(self, f: Derivative) -> Written:
        """Return a derivative."""
        raise NotImplementedError

    def function(self, op: Op) -> str:
        """Return the name by which an operation is called."""
        raise NotImplementedError


def binding(label: str) -> int:
    """Return how tightly a label holds together: w₁ as a letter does, a + b as a sum."""
    parts = symbol(label)
    if parts is None:
        return SUM
    if not parts.above:
        return NAME
    return POWER if parts.above.startswith("(") else PRODUCT  # w⁽¹⁾, x²


def _formula(x: Formula | float) -> Formula:
    return x if isinstance(x, Formula) else Number(x)
