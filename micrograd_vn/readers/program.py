"""The graph as a program: a list of assignments, before any language.

Each assignment is one operation on variables and numbers. What no output needs is left out,
what occurs twice is computed once, what is made of constants is a constant, and nothing else
is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Op, Value, topological_order
from micrograd_vn.errors import message
from micrograd_vn.formulas.code import Variable
from micrograd_vn.formulas.tree import Apply, Formula, Number

Nested: TypeAlias = "Value | Sequence[Nested]"


class Assignment(NamedTuple):
    """One line of a program: in its forward pass, or in its backward pass."""

    target: Variable
    formula: Apply
    section: str


class Program:
    """What computes the outputs from the inputs.

    Attributes
    ----------
    arguments
        The variables of the inputs, nested as they are.
    assignments
        The lines, in order.
    results
        The variables and numbers of the outputs, nested as they are.
    unused
        The inputs that no output depends on.
    """

    def __init__(self, inputs: Sequence[Nested], outputs: Nested) -> None:
        if isinstance(inputs, Value):
            raise TypeError(message("inputs list", inputs.label or "x"))
        leaves = list(flat("an input", inputs))
        roots = list(flat("an output", outputs))
        order = topological_order(*roots)
        self._check(leaves, order)
        self.formulas: dict[Value, Formula] = {}
        self.assignments: list[Assignment] = []
        self._numbers: dict[str, Number] = {}
        self._computed: dict[tuple[object, ...], Variable] = {}
        for leaf in leaves:
            self.formulas[leaf] = Variable(leaf.label, "x")
        self.arguments = nested(inputs, self.formulas)
        forward = topological_order(*roots[:1])
        for value in forward:
            self._compute(value, "forward")
        for value in order:
            self._compute(value, "backward")
        self.results = nested(outputs, self.formulas)
        present = set(order)
        self.unused = [self.formulas[leaf] for leaf in leaves if leaf not in present]

    @staticmethod
    def _check(leaves: list[Value], order: list[Value]) -> None:
        present, seen = set(order), set()
        labels = {v.label for v in order if v.op is None}
        for leaf in leaves:
            if leaf.op is not None:
                raise ValueError(message("input computed", repr(leaf)))
            if leaf in seen:
                raise ValueError(message("input twice", repr(leaf)))
            seen.add(leaf)
        named = {leaf.label for leaf in leaves if leaf in present}
        for leaf in leaves:
            if leaf not in present and leaf.label is not None and leaf.label in labels - named:
                raise ValueError(message("bound anew", repr(leaf), repr(leaf.label)))

    def _compute(self, value: Value, section: str) -> None:
        if value in self.formulas:
            return
        if value.op is None:
            self.formulas[value] = self._number(value.data)
            return
        op, operands = value.op, [self.formulas[x] for x in value.parents]
        if all([type(x) is Number for x in operands]):
            self.formulas[value] = self._number(op(*map(float, operands)))
        elif (same := unchanged(op, operands)) is not None:
            self.formulas[value] = same
        else:
            key = (op, *operands)
            if key not in self._computed:
                target = Variable(value.label, "d" if section == "backward" else "v")
                self._computed[key] = target
                self.assignments.append(Assignment(target, Apply(op, *operands), section))
            self.formulas[value] = self._computed[key]

    def _number(self, x: float) -> Number:
        return self._numbers.setdefault(repr(x), Number(x))


def unchanged(op: Op, operands: list[Formula]) -> Formula | None:
    """Return the operand that `op` leaves as it is, to the last bit, if it does."""
    if op is table.identity:
        return operands[0]
    if op in _UNCHANGED:
        x, y = operands
        if type(y) is Number and repr(float(y)) == _UNCHANGED[op]:
            return x
        if op is table.mul and type(x) is Number and float(x) == 1.0:
            return y
    return None


_UNCHANGED = {table.mul: "1.0", table.div: "1.0", table.power: "1.0", table.sub: "0.0"}


def flat(what: str, values: Nested) -> Iterator[Value]:
    """Yield the values of a nest of sequences."""
    if isinstance(values, Value):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from flat(what, value)
    else:
        raise TypeError(message(what, type(values).__name__, repr(values)))


def nested(values: Nested, formulas: dict[Value, Formula]) -> Any:
    """Return formulas in the same lists and tuples as values."""
    if isinstance(values, Value):
        return formulas[values]
    return (tuple if isinstance(values, tuple) else list)([nested(x, formulas) for x in values])
