"""The factors of the chain rule in a graph: symbols, formulas, and why these hold here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from itertools import chain, count, pairwise
from operator import mul
from typing import NamedTuple, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Constant, Op, Value, depending, grad, topological_order
from micrograd_vn.errors import ERRORS, message
from micrograd_vn.formulas.exact import Exact, exact_numbers, exactly, settled
from micrograd_vn.formulas.identities import JUMPS
from micrograd_vn.formulas.names import SUBSCRIPTS, derivative
from micrograd_vn.formulas.tree import (
    Derivative,
    Equation,
    Formula,
    Name,
    Number,
    replaced,
    rounded,
    same,
)
from micrograd_vn.readers.outline import Outline, partial_derivative, short_names
from micrograd_vn.readers.probabilities import probabilities

_MOST_FOLDED = 10  # values on the way; with more, only those with a label are shown
_MOST_STEPS = 30

Edge: TypeAlias = "tuple[Value, Value]"


class Reason(NamedTuple):
    """Why a derivative is what it is here: how it is said, and the formulas in that."""

    phrase: str
    parts: tuple[Formula | Equation, ...]


class Factor(NamedTuple):
    """One factor of the chain rule: ∂result/∂operand.

    Attributes
    ----------
    symbol
        The derivative.
    formula
        What it is, as it is written by hand.
    reasons
        What holds here and makes the formula this one, such as z > 0.
    decided
        The pairs of formulas that are compared in the reasons.
    value
        The number.
    """

    symbol: Derivative
    formula: Formula
    reasons: tuple[Reason, ...]
    decided: tuple[tuple[Formula, Formula], ...]
    value: float


def jumping(f: Formula, jump: Formula) -> tuple[Formula, Formula] | None:
    """Return the part of a formula whose derivative has a jump in it, and that derivative."""
    for node in topological_order(f):
        if node.op is None or node.op in JUMPS:
            continue
        for partial in node.op.partials(node, *node.parents):
            parts = topological_order(partial) if isinstance(partial, Formula) else []
            if any(same(part, jump) for part in parts):
                return node, partial
    return None


def convention(op: Op, jump: Formula) -> str:
    """Return the phrase that says which derivative an operation has where it has none; or none."""
    if jump.op is table.greater:
        return "tie" if op in (table.maximum, table.minimum) else ""
    return "kink" if op is table.absolute else "convention"


def slope_at_0(op: Op) -> Name:
    """Return the symbol ReLU′(0)."""
    return Name(f"{op.symbol}′(0)")


class Factors:
    """The values with names between `wrt` and `output`, and the derivatives between them."""

    def __init__(
        self, output: Value, wrt: Sequence[Value], using: tuple[Value, ...], digits: int
    ) -> None:
        self.output, self.wrt = output, list(wrt)
        order = topological_order(output, *using)
        self.labels = {v.label for v in order}
        inside = set(order)
        for x in wrt:
            if x not in inside and x.label is not None and x.label in self.labels:
                raise ValueError(message("name bound anew", repr(x), repr(x.label)))
        above = depending(topological_order(output), wrt)
        plain = _differentiated(order)
        outputs = probabilities(output, using, above)
        for self.brief, called in ((False, outputs), (False, {}), (True, {})):
            order = topological_order(*called, output, *using)
            fold = not self.brief
            names = short_names(
                order, {output, *wrt}, digits, fold=fold, plain=plain, called=called
            )
            for x in wrt:
                if x not in names:
                    names[x] = Name(x.label or fresh({n.label for n in names.values()}))
            self.steps = [v for v in order if v in above and v in names]  # from wrt to output
            if len(self.steps) <= _MOST_FOLDED:
                break
        if len(self.steps) > _MOST_STEPS:
            raise ValueError(message("too long", len(self.steps), repr(wrt[0]), _MOST_STEPS))
        self.outline, self.names = Outline(order, names), names
        self.outputs = {v for v in outputs if v.op is not None and v not in above}
        operands = {v: self.outline.operands(v) for v in self.steps}
        self.below: dict[Value, set[Value]] = {}
        for v, xs in operands.items():
            self.below[v] = {v}.union(*[self.below[x] for x in xs if x in self.below])
        # What is written in short may depend on less than the graph.
        reached, goals = self.below.get(output, set()), set(wrt)
        on_the_way = {v for v in self.steps if v in reached and goals & self.below[v]}
        self.steps = [v for v in self.steps if v in on_the_way]
        self.operands = {v: [x for x in operands[v] if x in on_the_way] for v in self.steps}
        self._factors: dict[Edge, Factor] = {}
        self._exact: dict[Value, Exact] | None = None

    @property
    def edges(self) -> list[Edge]:
        """All pairs of a value and one of its operands on the way."""
        return [(v, x) for v, operands in self.operands.items() for x in operands]

    def factor(self, result: Value, operand: Value) -> Factor:
        """Return the derivative of a value with respect to one of its named operands."""
        key = result, operand
        if key not in self._factors:
            formula = self.outline.derivative(result, operand)
            value = self.outline.number(formula)
            reasons: tuple[Reason, ...] = ()
            compared: tuple[tuple[Formula, Formula], ...] = ()
            if not self.brief:
                formula, reasons, compared = self.decided(formula, result)
                formula = self.outline.textbook(result, formula)
                reasons = (*self.premise(*key), *reasons)
            self._factors[key] = Factor(self.symbol(*key), formula, reasons, compared, value)
        return self._factors[key]

    def premise(self, result: Value, operand: Value) -> tuple[Reason, ...]:
        """Return that targets add up to 1, where a derivative needs it and they may change."""
        total = self.outline.premises.get((result, operand))
        if total is None:
            return ()
        names = [f for f in topological_order(total) if isinstance(f, Name)]
        if all(isinstance(self.outline.value(name), Constant) for name in names):
            return ()
        return (Reason("as", (Equation(total, Number(1)),)),)

    def decided(
        self, f: Formula, of: Value
    ) -> tuple[Formula, tuple[Reason, ...], tuple[tuple[Formula, Formula], ...]]:
        """Return a derivative with what jumps as its value, the reasons, and what they compare."""
        reasons: list[Reason] = []
        pairs: list[tuple[Formula, Formula]] = []

        def decide(node: Formula) -> Formula | None:
            if node.op not in JUMPS:
                return None
            left, right = (*node.parents, Number(0))[:2]
            a, b = self.outline.number(left), self.outline.number(right)
            if not (math.isnan(a) or math.isnan(b)):
                sign = "<" if a < b else ">" if a > b else "="
                x, y = (self.outline.recognised(side, {of}) for side in (left, right))
                reason = Reason("as", (Equation(x, y, sign=sign),))
                if sign == "=":
                    reason = self.convention(node, of, x, y) or reason
                if self.exact_sign(left, right) not in (None, sign):
                    difference = x if same(y, Number(0)) else x - y
                    near = Equation(difference, rounded(a - b), sign="≈")
                    reason = Reason("rounding", (near,))
                if not any(same(x, p) and same(y, q) for p, q in pairs):
                    pairs.append((x, y))
                    reasons.append(reason)
            return rounded(node.op(*([a, b] if node.op is table.greater else [a])))

        return replaced(f, decide), tuple(reasons), tuple(pairs)

    def exact_sign(self, left: Formula, right: Formula) -> str | None:
        """Return how two formulas compare without binary rounding; None if that is not known."""
        try:
            if self._exact is None:
                self._exact = exact_numbers(self.outline.order)
            numbers: dict[Formula, Exact] = {
                self.names[v]: x for v, x in self._exact.items() if v in self.names
            }
            a, b = (exactly(f, numbers.__getitem__) for f in (left, right))
        except ERRORS:
            return None
        if not (isinstance(a, Fraction) and isinstance(b, Fraction)):
            return None
        return "<" if a < b else ">" if a > b else "="

    def convention(self, jump: Formula, of: Value, x: Formula, y: Formula) -> Reason | None:
        """Return which operation has a derivative by convention where a jump falls on equality."""
        found = jumping(self.outline.formula(of), jump)
        if found is None:
            return None
        node, partial = found
        op, number = node.op, rounded(self.outline.number(partial))
        assert op is not None
        match convention(op, jump):
            case "":
                return None
            case "tie":
                return Reason("tie", (Equation(x, y), op(x, y)))
            case "kink":
                return Reason("kink", (op(x), Equation(x, y), number))
            case said:
                return Reason(said, (Equation(slope_at_0(op), number),))

    def symbol(self, result: Value, operand: Value) -> Derivative:
        """Return ∂result/∂operand; a bar before what is held tells it from the whole derivative."""
        return partial_derivative(self.names, result, self.operands[result], operand)

    def chain(self, path: Sequence[Value]) -> Formula:
        """Return the product of derivatives along a path, in symbols."""
        return reduce(mul, [self.symbol(a, b) for a, b in pairwise(path)])

    def slope(self, wrt: Value) -> float:
        """Return the derivative of the output; 0 if it is what rounding leaves of that."""
        slope = grad(self.output, [wrt])[0].data
        size = {wrt: 1.0}  # what the paths add up to, without their signs
        for v, operands in self.operands.items():
            if v is not wrt:
                size[v] = sum(abs(self.factor(v, x).value) * size[x] for x in operands)
        return settled(slope, size.get(self.output, 0.0))

    def by_output(self, value: Value) -> Derivative:
        """Return ∂output/∂value."""
        return Derivative(self.names[self.output], [self.names[value]])

    def users(self, value: Value) -> list[Value]:
        """Return the values that depend directly on one, in order."""
        return [u for u in self.steps if value in set(self.operands[u])]

    def terms(self, value: Value) -> list[Formula]:
        """Return what ∂output/∂value is the sum of, in symbols: a product for each user."""
        symbols = [(u, self.factor(u, value).symbol) for u in self.users(value)]
        return [x if u is self.output else self.by_output(u) * x for u, x in symbols]

    def depths(self) -> dict[Value, int]:
        """Return how many steps each value is from the output, at most."""
        depth = {self.output: 0}
        for v in reversed(self.steps):
            for x in self.operands[v]:
                depth[x] = max(depth.get(x, 0), depth.get(v, 0) + 1)
        return depth

    def paths(self, most: int) -> list[list[Value]] | None:
        """Return the paths from the output to wrt; None if they are more, or share too much."""
        (wrt,) = self.wrt
        counts = {wrt: 1}
        for v, operands in self.operands.items():
            if v is not wrt:
                counts[v] = sum(counts[x] for x in operands)
        if counts[self.output] > most:
            return None
        complete: list[list[Value]] = []
        stack = [[self.output]]
        while stack:
            path = stack.pop()
            if path[-1] is wrt:
                complete.append(path)
            else:
                stack += [[*path, x] for x in reversed(self.operands[path[-1]])]
        shared: dict[Edge, int] = {}
        for path in complete:
            for edge in pairwise(path):
                shared[edge] = shared.get(edge, 0) + 1
        return None if max(shared.values(), default=0) > 2 else complete


def _differentiated(order: Iterable[Value]) -> set[Value]:
    """Return the values of which another one is the derivative: y, where one is called ∂y/∂x.

    They are written out, as ∂y/∂x depends on x and not on y.
    """
    order = list(order)
    read = [derivative(str(v.label)) for v in order]
    of = {parts[0] for parts in read if parts is not None}
    return {v for v in order if v.op is not None and v.label in of}


def fresh(taken: Iterable[str]) -> str:
    """Return a short name that is not taken."""
    names = chain("xts", (f"x{str(i).translate(SUBSCRIPTS)}" for i in count(1)))
    return next(name for name in names if name not in taken)
