"""General formulas: ∂L/∂hᵢ = ŷᵢ − yᵢ for ∂L/∂h₀ = ŷ₀ − y₀ and ∂L/∂h₁ = ŷ₁ − y₁.

Formulas that differ in an index only, the same everywhere, have one formula in common.
"""

from __future__ import annotations

from collections.abc import Sequence

from micrograd_vn.formulas.names import indices
from micrograd_vn.formulas.tree import Apply, Derivative, Formula, Name, same

_LETTERS = "ᵢⱼₖ"


class _Different(Exception):  # noqa: N818
    """The formulas have none in common."""


def general(*instances: Sequence[Formula]) -> list[Formula] | None:
    """Return formulas with a letter for the index in which instances differ, if there are such.

    Parameters
    ----------
    instances
        Several formulas each, such as both sides of an equation.

    Examples
    --------
    >>> x, y = [Name("x₀"), Name("x₁")], [Name("y₀"), Name("y₁")]
    >>> general([x[0] - y[0]], [x[1] - y[1]])
    [xᵢ − yᵢ]
    >>> general([x[0] - y[0]], [x[1] - y[0] * 2]) is None
    True
    """
    common = _Common(len(instances))
    try:
        formulas = [common.of(fs) for fs in zip(*instances, strict=True)]
    except _Different:
        return None
    return formulas if common.index else None


class _Common:
    """What so many formulas have in common."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.index: list[str] = []  # of each instance

    def of(self, fs: Sequence[Formula]) -> Formula:
        first = fs[0]
        if all(same(first, f) for f in fs):
            return first
        match first:
            case Name():
                return self.name([f.label for f in fs if isinstance(f, Name)])
            case Derivative():
                parts = [(f.of, f.by, f.held) for f in fs if isinstance(f, Derivative)]
                if len(parts) < self.count:
                    raise _Different
                of, by, held = zip(*parts, strict=True)
                return Derivative(self.of(of), self.each(by), self.each(held))
        if first.op is None or any(f.op is not first.op for f in fs):
            raise _Different
        return Apply(first.op, *self.each([f.parents for f in fs]))

    def each(self, operands: Sequence[Sequence[Formula]]) -> list[Formula]:
        if len({len(fs) for fs in operands}) > 1 or len(operands) < self.count:
            raise _Different
        return [self.of(fs) for fs in zip(*operands, strict=True)]

    def name(self, labels: Sequence[str]) -> Name:
        """Return a name with a letter for each index that differs."""
        parts = [p for p in map(indices, labels) if p is not None]
        if len(parts) < self.count:
            raise _Different
        before, places, after = parts[0]
        if len({len(p[0]) for _, p, _ in parts}) == len(places) == 1:
            parts = [(b, list(p[0]), a) for b, p, a in parts]  # w₁₂ is in row 1, column 2
        comma = "," if len(places) > 1 else ""
        places = parts[0][1]
        if any((b, len(p), a) != (before, len(places), after) for b, p, a in parts):
            raise _Different
        below = []
        for index in zip(*[p for _, p, _ in parts], strict=True):
            if len(set(index)) == 1:
                below.append(index[0])
                continue
            if not self.index and len(set(index)) == self.count:
                self.index = list(index)
            if list(index) != self.index:
                raise _Different
            below.append(next(c for c in _LETTERS if c not in "".join(labels)))
        return Name(before + comma.join(below) + after)
