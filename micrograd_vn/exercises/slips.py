"""Slips: what a student may have written in the place of a part of a formula.

Each slip is an entry of a table, the simplest first. What it is called stands in
`phrases.toml`, or with the entry. Who knows of a further one makes a `Slip` and gives it to
`check`: ``check(exercise, answers, slips=[*SLIPS, mine])``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

import micrograd_vn.exercises.changes as changes
from micrograd_vn.engine import topological_order
from micrograd_vn.exercises.calculation import Calculation
from micrograd_vn.exercises.changes import Around, Change
from micrograd_vn.formulas.tree import Apply, Formula, Name
from micrograd_vn.phrases import LANGUAGES, phrases

__all__ = ["SLIPS", "Around", "Change", "Slip", "around_of", "changed"]

_LARGEST = 60  # parts of a formula that is looked at


class Slip(NamedTuple):
    """A mistake that students make.

    Attributes
    ----------
    name
        What tables and JSON call it.
    changes
        Called with a part of a formula and with what it stands in; yields what may stand in the
        place of the part.
    said
        By language, what the report says, with a gap ``{}`` for each formula in `Change.said`.

    Examples
    --------
    >>> def halved(part, around):
    ...     if around.defines(part):
    ...         yield Change(part / 2, (part,))
    >>> slip = Slip("halved", halved, {"vi": "chia đôi {}", "en": "{} is halved"})
    >>> from micrograd_vn.exercises import cau3, check
    >>> report = check(cau3(), "∂L/∂h₁ = 0.07855", lang="en", slips=[slip])
    >>> print(str(report).splitlines()[0].split(". ")[1])
    The number written is (ŷ₁ − y₁)/2 = (0.1571 − 0)/2 = 0.07855: ŷ₁ − y₁ is halved
    """

    name: str
    changes: Callable[[Formula, Around], Iterable[Change]]
    said: Mapping[str, str]

    def __hash__(self) -> int:
        return hash(self.name)


def _own(name: str, changes: Callable[[Formula, Around], Iterable[Change]]) -> Slip:
    """Return a slip whose phrase stands in `phrases.toml`."""
    return Slip(name, changes, {lang: phrases("slip", lang)[name] for lang in LANGUAGES})


SLIPS: tuple[Slip, ...] = (
    _own("minus forgotten", changes.minus_forgotten),
    _own("swapped", changes.swapped),
    _own("plus for minus", changes.plus_for_minus),
    _own("minus for plus", changes.minus_for_plus),
    _own("minus added", changes.minus_added),
    _own("path forgotten", changes.path_forgotten),
    _own("factor forgotten", changes.factor_forgotten),
    _own("divisor forgotten", changes.divisor_forgotten),
    _own("term forgotten", changes.term_forgotten),
    _own("function forgotten", changes.function_forgotten),
    _own("other class", changes.other_class),
    _own("other path", changes.other_path),
    _own("other index", changes.other_index),
    _own("formula of another", changes.formula_of_another),
    _own("multiplication for division", changes.multiplication_for_division),
    _own("division for multiplication", changes.division_for_multiplication),
    _own("value for derivative", changes.value_for_derivative),
    _own("derivative of another", changes.derivative_of_another),
    _own("taken for constant", changes.taken_for_constant),
    _own("degree", changes.degree),
    _own("used twice", changes.used_twice),
    _own("rounded early", changes.rounded_early),
    _own("all rounded early", changes.all_rounded_early),
    _own("sum for product", changes.sum_for_product),
    _own("product for sum", changes.product_for_sum),
    _own("another quantity", changes.another_quantity),
)


def around_of(calculation: Calculation, symbol: str) -> Around:
    """Return what the parts of a quantity's formula stand in."""
    before = [*calculation.given, *takewhile(lambda s: s != symbol, calculation.formulas)]
    return Around(
        calculation.symbols[symbol],
        calculation.formulas[symbol],
        tuple(calculation.symbols.get(name, Name(name)) for name in before),
        calculation.symbols,
        calculation.formulas,
    )


def changed(slip: Slip, around: Around) -> Iterator[Change]:
    """Yield a formula with a slip at each of its parts.

    Examples
    --------
    >>> p, y = map(Name, "py")
    >>> around = Around(Name("d"), p - y, (p, y), {}, {})
    >>> [change.now for slip in SLIPS[:3] for change in changed(slip, around)]
    [−p − y, p − (−y), y − p, p + y]
    """
    if len(topological_order(around.formula)) <= _LARGEST:
        yield from _within(around.formula, slip, around)


def _within(f: Formula, slip: Slip, around: Around) -> Iterator[Change]:
    yield from slip.changes(f, around)
    for i, x in enumerate(f.parents):
        for change in _within(x, slip, around):
            assert f.op is not None
            now = Apply(f.op, *f.parents[:i], change.now, *f.parents[i + 1 :])
            yield change._replace(now=now)
