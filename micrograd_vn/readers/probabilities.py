"""Names for the outputs of softmax, and for targets, where a graph has none.

A solution speaks of ŷ₀ and ŷ₁ again and again: ∂L/∂hᵢ = ŷᵢ − yᵢ and ∂ŷ₀/∂h₁ = −ŷ₀·ŷ₁.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.formulas.names import indices


def probabilities(output: Value, using: Iterable[Value], above: set[Value]) -> dict[Value, str]:
    """Return names for the outputs of softmax, and for targets that are numbers.

    Parameters
    ----------
    output, using
        The graph, and further values. An output of softmax that neither has is made.
    above
        The values that depend on what one differentiates by.

    Returns
    -------
    dict of Value to str
        The label, or ŷ and y with the index of the logit; an empty name where that is not free.

    Examples
    --------
    >>> h = [Value(1.0, "h₀"), Value(2.0, "h₁")]
    >>> loss = table.cross_entropy_op(*h, 0.0, 1.0)
    >>> list(probabilities(loss, [], {loss, *h}).values())
    ['ŷ₀', 'ŷ₁', 'y₀', 'y₁']
    """
    order = topological_order(output, *using)
    taken = {v.label for v in order}
    called: dict[Value, str] = {}
    seen: set[frozenset[Value]] = set()
    for v in order:
        logits = _logits(v)
        if v not in above or len(logits) < 2:
            continue
        if frozenset(logits) not in seen:
            seen.add(frozenset(logits))
            outputs = _outputs(order, logits)
            names = _named("ŷ", [p for p in outputs if p.label is None], taken)
            called |= {p: names.get(p, p.label or "") for p in outputs}
        if v.op is table.cross_entropy_op and len(above.intersection(logits)) > 1:
            targets = dict(zip(v.parents[len(logits) :], logits, strict=True))
            if len(targets) == len(logits) and all(map(_is_number, targets)):
                names = _named("y", targets, taken, targets.values())
                called |= names if all(names.values()) else {}
        taken |= {name for name in called.values() if name}
    return called


def _logits(v: Value) -> tuple[Value, ...]:
    """Return what softmax is taken of in an operation, in order of index."""
    if v.op is table.cross_entropy_op:
        return v.parents[: len(v.parents) // 2]
    if v.op in (table.softmax_of_many_op, table.log_softmax_of_many_op):
        m = v.parents[1]
        return m.parents if m.op is table.largest_op else ()
    if v.op in (table.softmax_op, table.log_softmax_op):
        return tuple(sorted(v.parents, key=lambda x: _index(x) or ""))
    return ()


def _outputs(order: Sequence[Value], logits: Sequence[Value]) -> list[Value]:
    """Return the outputs of softmax: those of the graph, and new ones for what it lacks."""
    there = {
        v.parents[0]: v
        for v in reversed(order)
        if v.op in (table.softmax_op, table.softmax_of_many_op) and {*_logits(v)} == {*logits}
    }
    made = dict(zip(logits, table.softmaxes(logits), strict=True))
    return list({**made, **there}.values())


def _named(
    stem: str,
    values: Iterable[Value],
    taken: Collection[str | None],
    logits: Iterable[Value] | None = None,
) -> dict[Value, str]:
    """Return the stem with the index of each logit; nothing where one of these is not free."""
    values = list(values)
    places = [_index(x) for x in logits or [v.parents[0] for v in values]]
    names = [stem + i if i else "" for i in places]
    free = len({*names}) == len(names) and all(names) and not {*names} & {*taken}
    return dict(zip(values, names if free else [""] * len(names), strict=True))


def _index(logit: Value) -> str | None:
    """Return the index in a label such as h₀."""
    parts = indices(logit.label or "")
    return parts[1][0] if parts is not None and len(parts[1]) == 1 and not parts[2] else None


def _is_number(v: Value) -> bool:
    return isinstance(v, Constant) and v.label is None
