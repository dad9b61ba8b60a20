"""What formulas have in common in programming languages: names, calls, and what can be seen."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from micrograd_vn import table
from micrograd_vn.engine import Op, topological_order
from micrograd_vn.formulas.tree import Apply, Formula, Name, Number, replaced
from micrograd_vn.formulas.writer import NAME, NONE, POWER, PRODUCT, SUM, Sign, Writer, Written

_DEEPEST = 32  # what a line holds of nested operations; a parser has its limits
_SPELLED = str.maketrans(
    {"ŷ": "y_hat", "\u0302": "_hat", "′": "_prime", "'": "_prime", "∂": "d"}
    | dict.fromkeys("/,⁽⁾", "_")
)


class Variable(Name):
    """A name in a program: a language decides how it is spelled, after `label` or `kind`."""

    def __init__(self, label: str | None, kind: str) -> None:
        self.label, self.kind = label or "", kind


class Code(Writer):
    """Writes formulas in a programming language, and finds names for what is in them."""

    reserved: ClassVar[frozenset[str]]  # what no variable may be called
    give: ClassVar[str]  # what an operation needs if its forward function is not arithmetic

    signs: ClassVar[dict[Op, Sign]] = {
        table.add: Sign(" + ", SUM, SUM, PRODUCT),
        table.sub: Sign(" - ", SUM, SUM, PRODUCT),
        table.mul: Sign(" * ", PRODUCT, PRODUCT, POWER),
        table.div: Sign(" / ", PRODUCT, PRODUCT, POWER),
    }
    rows: ClassVar[dict[Op, str]] = {table.neg: "neg"}

    def __init__(self) -> None:
        self.taken = {*self.reserved, *(op.name for op in vars(table).values() if type(op) is Op)}
        self.names: dict[Variable, str] = {}
        self.functions: dict[Op, str] = {}
        self.counts: dict[str, int] = {}

    # Names

    def declare(self, x: Variable) -> str:
        """Return the name of a variable that is new."""
        self.names[x] = name = self.new_name(x.label, x.kind)
        return name

    def new_name(self, label: str, kind: str) -> str:
        """Return a name that is not taken, after `label` if that gives one."""
        name = identifier(label)
        if name and name not in self.taken:
            self.taken.add(name)
            return name
        stem = f"{name}_" if name else kind
        while True:
            self.counts[stem] = self.counts.get(stem, 1 if name else 0) + 1
            numbered = f"{stem}{self.counts[stem]}"
            if numbered not in self.taken:
                self.taken.add(numbered)
                return numbered

    def function(self, op: Op) -> str:
        """Return the name by which an operation is called."""
        if op not in self.functions:
            name = op.name
            fit = name and identifier(name) == name and name not in self.reserved
            if not fit or name in self.functions.values() or name in self.names.values():
                name = self.new_name("", "op")
            self.functions[op] = name
        return self.functions[op]

    def __call__(self, f: Formula, least: int = NONE) -> str:
        """Return a formula; nearly all in a program are variables, which hold together."""
        return self.names[f] if type(f) is Variable else super().__call__(f, least)

    def number(self, f: Number) -> Written:
        """Return a number with all its digits."""
        x = float(f)
        return self.literal(x), SUM if math.copysign(1.0, x) < 0 else NAME

    def literal(self, x: float) -> str:
        """Return a float as the language writes it."""
        raise NotImplementedError

    def neg(self, x: Formula) -> Written:
        """Return -x."""
        return f"-{self(x, PRODUCT)}", SUM

    def simpler(self, op: Op, operands: Sequence[Formula]) -> Formula | None:
        """Return nothing: what is not known was written out before."""
        return None

    # What is written out

    def is_known(self, op: Op) -> bool:
        """Whether the language has a function for an operation."""
        raise NotImplementedError

    def is_written(self, op: Op) -> bool:
        """Whether an operation is a sign or a call."""
        return op in self.signs or op in self.rows or self.is_known(op)

    def lines(self, target: Variable, f: Apply) -> Iterable[tuple[Variable, Formula]]:
        """Yield assignments, of which the last is of `target`: none too deep, nothing twice."""
        if self.is_written(f.op):
            yield target, f
            return
        root = self.expanded(f)
        order = topological_order(root)
        uses: dict[Formula, int] = {}
        for node in order:
            for x in node.parents:
                uses[x] = uses.get(x, 0) + 1
        made: dict[Formula, Formula] = {}
        heights: dict[Formula, int] = {}
        for node in order:
            if node.op is None:
                made[node], heights[node] = node, 0
                continue
            made[node] = now = Apply(node.op, *[made[x] for x in node.parents])
            heights[node] = 1 + max([heights[x] for x in node.parents])
            if node is not root and (uses[node] > 1 or heights[node] >= _DEEPEST):
                made[node] = part = Variable(None, "t")
                heights[node] = 0
                yield part, now
        yield target, made[root]

    def expanded(self, f: Formula) -> Formula:
        """Return a formula of operations that the language has."""

        def change(node: Formula) -> Formula | None:
            op = node.op
            if op is None or self.is_written(op):
                return None
            if op.code is None:
                return self.expanded(self.traced(op, node.parents))
            return self.expanded(_formula(op.code(*node.parents)))

        return replaced(f, change)

    def traced(self, op: Op, operands: Sequence[Formula]) -> Formula:
        """Return what a forward function does, as a formula."""
        try:
            return _formula(op.forward(*operands))
        except (TypeError, ValueError, AttributeError) as error:
            if op.notation is not None:
                return _formula(op.notation(*operands))
            raise TypeError(
                f"lambdify: the operation {op.name!r} is known for single numbers only ({error}); "
                f"{self.give}"
            ) from error


def _formula(x: Any) -> Formula:
    return x if isinstance(x, Formula) else Number(x)


def identifier(label: str) -> str:
    """Return a label as a name in a program, or nothing if it is not fit for one.

    Examples
    --------
    >>> identifier("w₂′"), identifier("ŷ₀"), identifier("a + b")
    ('w2_prime', 'y_hat0', '')
    """
    name = unicodedata.normalize("NFKC", label.translate(_SPELLED))
    fit = name.isidentifier() and len(name) <= 30 and not name.startswith("__")
    return name if fit else ""
