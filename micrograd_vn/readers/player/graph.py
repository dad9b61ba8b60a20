"""A graph as data for a page: its values by number, what they are called, what they come from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value, depending, topological_order
from micrograd_vn.errors import ERRORS, described, message
from micrograd_vn.formulas.tree import Formula, Name
from micrograd_vn.formulas.writer import NAME
from micrograd_vn.readers.folded import LONGEST_DERIVATIVE, inside_softmax, names_in_full
from micrograd_vn.readers.looks import Hints, Pairs, roles_of
from micrograd_vn.readers.player.functions import PIECES, Functions, Kind, Written, written
from micrograd_vn.readers.player.named import Part, in_order, outline_of, parts, whole

# What the sizes of the terms of a sum follow from, in which rounding may leave something of 0.
_TERMS = {table.add: "added", table.sub: "added", table.mul: "multiplied"}


class Graph:
    """The values that roots depend on, each with its number in the order of the graph.

    Attributes
    ----------
    outline, parts
        The values with a name and how they are found; None if folding would change nothing, or
        can't be done.
    whole
        How values are found that are no single operation in the picture of all values.
    said : dict of int to bool
        The kinds that a page speaks of, and whether it goes back through them.
    math : dict of str to int
        The elements of each formula, and its number on the page.
    """

    def __init__(
        self,
        roots: Sequence[Value],
        gradient: float,
        loss: str | None,
        roles: Hints | None,
        path: tuple[Value, Value] | None,
        omitted: Pairs,
        decimal: bool,
    ) -> None:
        self.roots, self.gradient, self.loss = roots, gradient, loss
        self.path, self.omitted, self.decimal = path, omitted, decimal
        self.order = topological_order(*[x for pair in omitted for x in pair], *roots)
        for v in self.order:
            if not math.isfinite(v.data):
                raise ValueError(message("no finite number", described(v)))
        self.roles = roles_of("play", self.order, roots, roles)
        self.hinted = {v: i for i, v in enumerate(v for vs in (roles or {}).values() for v in vs)}
        self.ids = {v: i for i, v in enumerate(self.order)}
        self.names = names_in_full(self.order, roots, 4)
        self.outline = outline_of(self.order, roots)
        self.parts = None if self.outline is None else parts(self.outline)
        self.whole = whole(self.order)
        self.functions = Functions()
        self.kinds = [self.functions.kind(v) if v.op else -1 for v in self.order]
        self.math: dict[str, int] = {}
        self.differentiated = dict.fromkeys(topological_order(roots[0]))
        self.said: dict[int, bool] = {}

    @property
    def goal(self) -> Formula:
        """What is differentiated."""
        return Name(self.loss) if self.loss else self.names[self.roots[0]]

    def data(self) -> dict[str, Any]:
        """Return what the scripts know of the graph, and note its formulas."""
        backward = [v for v in reversed(self.differentiated) if v.op]
        return {
            "nodes": [self._node(i, v) for v, i in self.ids.items()],
            "whole": self._whole(),
            "folded": self._folded(),
            "kinds": [self._kind(k, kind) for k, kind in enumerate(self.functions.kinds)],
            "backward": [self.ids[v] for v in backward],
            "root": self.ids[self.roots[0]],
            "gradient": self.gradient,
            "given": self.loss is not None,
            "decimal": self.decimal,
            "goal": self._written(written(self.goal)),
            "pieces": {name: self._written(piece) for name, piece in PIECES.items()},
            "leaves": self._leaves(),
            "longest": LONGEST_DERIVATIVE,
        }

    def _node(self, i: int, v: Value) -> dict[str, Any]:
        node: dict[str, Any] = {
            "kind": self.kinds[i],
            "parents": [self.ids[x] for x in v.parents],
            "data": v.data,
            "name": self._written(written(self.names[v])),
        }
        if not isinstance(self.names[v], Name):
            node["unnamed"] = True
        if isinstance(v, Constant):
            node["constant"] = True
        if isinstance(v.data, int):  # it was given so
            node["integer"] = True
        if v.op and None in self._kind_of(v)[1:3]:
            node["slopes"] = _recorded(v)
        return node

    def _whole(self) -> list[dict[str, Any]] | None:
        """Return how the values of the picture of all are found, if not all as in the graph."""
        hidden = inside_softmax(self.order)
        seen = [v for v in self.order if v not in hidden]
        found = [self._part(v, self.whole) for v in in_order(seen, self.whole)]
        return found if self.whole else None

    def _folded(self) -> list[dict[str, Any]] | None:
        """Return how the values with a name are called, and how they are found, in their order."""
        if self.outline is None or self.parts is None:
            return None
        names = self.outline.names
        found = []
        for v in in_order([*names], self.parts):
            part = self._part(v, self.parts)
            if v.label != names[v].label:
                part["name"] = self._written(written(names[v]))
            found.append(part)
        return found

    def _part(self, v: Value, parts: Mapping[Value, Part]) -> dict[str, Any]:
        """Return how a value is found where that is not as in the graph."""
        found: dict[str, Any] = {"node": self.ids[v]}
        k = self.kinds[self.ids[v]]
        if v in parts:
            kind, parents, operands, _ = parts[v]
            k = found["kind"] = self.functions.number(kind)
            found["parents"], of = ([self.ids[x] for x in xs] for xs in (parents, operands))
            if of != found["parents"]:
                found["operands"] = of
        self.said |= {k: v in self.differentiated or self.said.get(k, False)}
        return found

    def _kind_of(self, v: Value) -> Kind:
        return self.functions.kinds[self.kinds[self.ids[v]]]

    def _kind(self, k: int, kind: Kind) -> dict[str, Any]:
        slopes: list[dict[str, Any]] = []
        for slope in kind.slopes if self.said.get(k) else []:
            found: dict[str, Any] = {}
            if slope.formula is not None:
                found["formula"] = self._written(slope.formula)
            if slope.reasons:
                found["reasons"] = [
                    d._asdict() | {"of": self._written(d.of)} for d in slope.reasons
                ]
            slopes.append(found)
        more = {"terms": _TERMS[kind.op]} if kind.op in _TERMS else {}
        return more | {
            "symbol": kind.op.symbol,
            "definition": None
            if k not in self.said or kind.definition is None
            else self._written(kind.definition),
            "slopes": slopes,
        }

    def _written(self, piece: Written) -> dict[str, Any]:
        number = self.math.setdefault(piece.math, len(self.math))
        found: dict[str, Any] = {"math": number, "text": piece.text}
        return found if piece.bindings == (NAME, NAME) else found | {"holds": piece.bindings}

    def _leaves(self) -> list[dict[str, Any]]:
        """Return the inputs, each with its range and with what keeps it as it is.

        They are in the order of `roles`, after those that are not in it.
        """
        used = topological_order(*self.roots)  # not so what only begins what is omitted
        leaves = [v for v in used if v.op is None and not isinstance(v, Constant)]
        leaves.sort(key=lambda v: self.hinted.get(v, -1))
        fixed: dict[Value, str] = {}
        for v in self.order:
            if v.op and None in self._kind_of(v)[1:3]:
                for x in leaves:
                    if v in depending(self.order, [x]):
                        fixed.setdefault(x, v.op.symbol)
        return [
            {"node": self.ids[x], "range": _range(x, self.order), "fixed": fixed.get(x)}
            for x in leaves
        ]

    def script(self) -> str:
        """Return the functions of each kind as JavaScript."""
        forward = ",\n  ".join([kind.forward or "null" for kind in self.functions.kinds])
        partials = ",\n  ".join([kind.partials or "null" for kind in self.functions.kinds])
        return f"forward: [\n  {forward},\n],\npartials: [\n  {partials},\n],"


def _recorded(v: Value) -> list[float | None]:
    """Return the partial derivatives as they are, or None where there is none."""
    try:
        return [float(d) if math.isfinite(d) else None for d in v.local_derivatives()]
    except ERRORS:
        return [None] * len(v.parents)


def _range(x: Value, order: Sequence[Value]) -> list[float]:
    """Return from where to where the slider of an input goes: where its operations allow it."""
    size = max(1.0, 2.0 * abs(x.data))
    power = 10.0 ** math.floor(math.log10(size))
    high = math.ceil(size / power) * power
    users = [v for v in order if any([p is x for p in v.parents])]
    lows = [low for low in (-high, 0.0, power / 100) if low <= x.data]
    return [next((low for low in lows if _allowed(users, x, low)), x.data), high]


def _allowed(users: Sequence[Value], x: Value, low: float) -> bool:
    """Whether the operations on an input have a result and derivatives at a number."""
    for v in users:
        operands = [low if p is x else p.data for p in v.parents]
        try:
            assert v.op is not None
            v.op.partials(v.op.forward(*operands), *operands)
        except ERRORS:
            return False
    return True
