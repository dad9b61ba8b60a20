"""Slips: which single change of a formula gives the wrong number that a student wrote.

Each slip is a row of a table, the simplest first: what may stand in the place of a part of the
formula. The formula is changed at each of its parts in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from micrograd_vn import table
from micrograd_vn.engine import Op, topological_order
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Apply, Derivative, Formula, Name

__all__ = ["SLIPS", "changed", "explaining"]

_LARGEST = 60  # parts of a formula that is looked at
_MOST = 2  # explanations that are named
_MISTAKEN_FOR: dict[Op | None, tuple[Op, ...]] = {
    table.add: (table.sub,), table.sub: (table.add,), table.mul: (table.div,),
    table.div: (table.mul,),
}  # fmt: skip
_KEPT: dict[Op | None, slice] = {
    table.add: slice(2), table.mul: slice(2), table.sub: slice(1), table.div: slice(1),
}  # fmt: skip


def _is_symbol(f: Formula) -> bool:
    return isinstance(f, (Name, Derivative))


def _other_sign(f: Formula, _: Sequence[Formula]) -> list[Formula]:
    """Return an operation with the other sign; a function has it in its operand."""
    if f.op is not None and len(f.parents) == 1:
        return [Apply(f.op, -f.parents[0])]
    return [-f] if f.op in (table.add, table.mul, table.div) else []


SLIPS: dict[str, Callable[[Formula, Sequence[Formula]], Iterable[Formula]]] = {
    "left out": lambda f, _: f.parents[_KEPT[f.op]] if f.op in _KEPT else [],
    "order": lambda f, _: [Apply(f.op, *f.parents[::-1])] if f.op in (table.sub, table.div) else [],
    "another operation": lambda f, _: [op(*f.parents) for op in _MISTAKEN_FOR.get(f.op, ())],
    "sign": _other_sign,
    "function left out": lambda f, _: f.parents if len(f.parents) == 1 else [],
    "twice": lambda f, _: [f * f] if _is_symbol(f) else [],
    "another quantity": lambda f, others: others if f.op is None else [],
}


def changed(
    f: Formula,
    slip: Callable[[Formula, Sequence[Formula]], Iterable[Formula]],
    quantities: Sequence[Formula],
) -> Iterator[Formula]:
    """Yield a formula with a slip at each of its parts.

    Parameters
    ----------
    f
        The formula.
    slip
        The slip.
    quantities
        What may have been taken for another.

    Examples
    --------
    >>> p, y = Name("p"), Name("y")
    >>> list(changed(p - y, SLIPS["order"], [])), list(changed(p - y, SLIPS["twice"], []))
    ([y − p], [p·p − y, p − y·y])
    """
    yield from slip(f, quantities)
    for i, x in enumerate(f.parents):
        for now in changed(x, slip, quantities):
            assert f.op is not None
            yield Apply(f.op, *f.parents[:i], now, *f.parents[i + 1 :])


def explaining(
    f: Formula, quantities: Sequence[Formula], fits: Callable[[Formula], bool]
) -> list[Formula]:
    """Return what a formula may have been taken for: at most two that fit, the simplest first.

    Parameters
    ----------
    f
        The formula.
    quantities
        What may have been taken for another.
    fits
        Whether a formula gives the number that was written.

    Examples
    --------
    >>> from micrograd_vn.formulas.tree import evaluate
    >>> p, q, y = map(Name, "pqy")
    >>> numbers = {"p": 0.8, "q": 0.2, "y": 1.0}
    >>> explaining(p - y, [p, q, y], lambda f: abs(evaluate(f, numbers) - 1.8) < 1e-9)
    [p + y]
    """
    if len(topological_order(f)) > _LARGEST:
        return []
    formulas = [now for slip in SLIPS.values() for now in changed(f, slip, quantities)]
    return list({Text()(now): now for now in formulas if fits(now)}.values())[:_MOST]
