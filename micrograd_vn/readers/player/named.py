"""Values as a picture has them, where these are not single operations of the graph.

In the folded picture each value with a name is found from others with a name; in the other one, a
loss from its probabilities, where both come out of one block, and softmax of many from its logits.
The formulas are those of the outline, which the worked solution and the pictures read too: ∂L/∂h₀
is ŷ₀ − y₀ where ŷ₀ is there to be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.code import Variable
from micrograd_vn.formulas.tree import Formula, Name, of_all, replaced
from micrograd_vn.readers.folded import (
    blocks,
    cut_at_names,
    element_of_softmax,
    inside_softmax,
    softmax_families,
    softmax_operands,
)
from micrograd_vn.readers.outline import Outline
from micrograd_vn.readers.player.functions import (
    Hole,
    Kind,
    Slope,
    function,
    kind_of,
    short,
    slope,
    written,
)


class Part(NamedTuple):
    """How a value with a name is found.

    Attributes
    ----------
    parents
        The values that it depends on directly.
    operands
        These, and what else stands in its formulas.
    defining
        How many of the operands stand in its definition; the others only in derivatives.
    """

    kind: Kind
    parents: list[Value]
    operands: list[Value]
    defining: int


def outline_of(order: Sequence[Value], roots: Sequence[Value]) -> Outline | None:
    """Return the outline of a graph, or None where two values have the same name."""
    try:
        return cut_at_names(order, set(roots), 4, lasting=True)
    except ValueError:
        return None


def parts(cut: Outline) -> dict[Value, Part] | None:
    """Return how values with a name are found, or None if a rule is for numbers only."""
    try:
        return {v: _part(cut, v, cut.names) for v in cut.names if v.op is not None}
    except (AttributeError, *ERRORS):
        return None


def whole(order: Sequence[Value]) -> dict[Value, Part]:
    """Return how values are found that are no single operation in the picture of all values."""
    found: dict[Value, Part] = {}
    for block in {id(block): block for block in blocks(order).values()}.values():
        inside = {*block.logits, *block.targets, *block.outputs, block.loss}
        found |= _parts_of(order, inside, (*block.outputs, block.loss))
    for outputs in softmax_families(order).values():
        logits = softmax_operands(outputs[0])
        distinct = len({*map(id, logits)}) == len(logits) > 1  # one that stands twice has two edges
        if distinct and found.keys().isdisjoint(outputs):
            found |= _parts_of(order, {*logits, *outputs}, outputs)
    hidden = inside_softmax(order)
    for v in order:
        op, operands = of_all(v)
        if op not in (None, v.op) and v not in found and not hidden.isdisjoint(v.parents):
            assert op is not None
            xs = list(operands)
            found[v] = Part(kind_of(op(*xs)), xs, xs, len(xs))
    return found


def _parts_of(
    order: Sequence[Value], inside: set[Value], wanted: Iterable[Value]
) -> dict[Value, Part]:
    """Return how some values are found from others."""
    names = {v: Name(f"v{i}") for i, v in enumerate(order) if v in inside}
    labels = {v: Name(v.label) for v in inside if v.label is not None}
    cut = Outline(order, names, lasting=True)
    return {v: _part(cut, v, labels) for v in wanted}


def in_order(values: Sequence[Value], found: Mapping[Value, Part]) -> list[Value]:
    """Return values each after what stands in its definition."""
    placed: dict[Value, None] = {}
    within = set(values)
    while len(placed) < len(values):
        for v in values:
            operands: Sequence[Value] = v.parents
            if v in found:
                operands = found[v].operands[: found[v].defining]
            if all(x in placed or x not in within for x in operands):
                placed[v] = None
    return list(placed)


def _part(cut: Outline, v: Value, labels: Mapping[Value, Name]) -> Part:
    parents = cut.operands(v)
    definition = cut.with_constants(cut.definition(v))
    derivatives = [cut.derivative(v, x) for x in parents]
    slopes = [cut.with_constants(cut.textbook(v, d)) for d in derivatives]
    defining = list(dict.fromkeys([*parents, *_named(cut, [definition])]))
    known = {*defining, v}  # values of one size are equal, but not in a set
    others = [x for x in _named(cut, slopes) if x not in known]
    operands = [*defining, *others]

    def put_in(f: Formula, names: Sequence[Formula]) -> Formula:
        """Return a formula with others in the place of the operands and of the value itself."""
        by_label = {cut.names[x].label: new for x, new in zip([*operands, v], names, strict=True)}
        return replaced(f, lambda x: by_label.get(x.label) if isinstance(x, Name) else None)

    assert v.op is not None
    holes = [Hole(k) for k in range(len(operands) + 1)]
    xs = [Variable(None, "x") for _ in operands]
    out = Variable("out", "out")
    shown = short(put_in(definition, holes))
    if shown is None and (said := element_of_softmax(labels, softmax_operands(v))):
        shown = written(Name(said))
    kind = Kind(
        v.op,
        function(xs, [put_in(definition, [*xs, out])], "{}"),
        function([out, *xs], [put_in(f, [*xs, out]) for f in slopes], "[{}]"),
        shown,
        [
            Slope(None, [])
            if isinstance(x, Constant)
            else slope(put_in(d, holes), put_in(f, holes), put_in(cut.formula(v), holes))
            for d, f, x in zip(derivatives, slopes, parents, strict=True)
        ],
    )
    return Part(kind, parents, operands, len(defining))


def _named(cut: Outline, formulas: Sequence[Formula]) -> list[Value]:
    return [cut.value(f) for f in topological_order(*formulas) if isinstance(f, Name) and f in cut]
