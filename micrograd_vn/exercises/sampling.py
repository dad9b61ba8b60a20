"""Variants of an exercise: other givens, as good to calculate with and as fair to mark."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import islice
from random import Random
from typing import Any, TypeAlias

from micrograd_vn.exercises.calculation import DIGITS, Calculation
from micrograd_vn.exercises.definition import Definition, GivensError
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.tree import rounded, to_decimals

__all__ = ["variants"]

_MOST = 10_000  # givens that are tried

Givens: TypeAlias = "dict[str, Any]"


def variants(definition: Definition[...], n: int, *, seed: int) -> list[Exercise]:
    """Return so many exercises with givens from the domains of a definition.

    Each can be solved. Their answers, rounded, all differ, and none is 0. Who rounds on the way
    as the solution does gets the same rounded answer as who does not.

    Parameters
    ----------
    definition
        What the exercises are made by.
    n
        How many.
    seed
        The same one gives the same variants, on every machine.

    Raises
    ------
    ValueError
        The domains do not hold so many: it says how many they do, or, where there are too many
        givens to try all of them, how many were found.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau4
    >>> [(exercise.givens["x"], exercise.rounded) for exercise in variants(cau4, 3, seed=7)]
    [(1.5, -0.55), (1.5, -0.59), (0.5, 1.25)]
    """
    domains = _Domains(definition)
    found: dict[float, Exercise] = {}
    tried = 0
    for givens in domains.shuffled(Random(seed)):
        if len(found) == n:
            break
        tried += 1
        try:
            exercise = definition(**givens)
        except GivensError:
            continue
        answer = float(to_decimals(exercise.answer, exercise.decimals))
        if answer and answer not in found and _is_clear(exercise):
            found[answer] = exercise
    if len(found) < n:
        name = definition.build.__qualname__
        many = domains.all is None
        there_are = f"{len(found)} were found" if many else f"the domains hold {len(found)}"
        raise ValueError(
            f"variants: {name} has no {n} variants with answers that differ and are not 0; "
            f"{there_are}, of {tried} givens that were tried"
        )
    return list(found.values())


def _is_clear(exercise: Exercise) -> bool:
    """Return whether rounding on the way does not change the rounded answer."""
    exact = exercise.answer
    by_hand = Calculation(exercise).numbers({}, DIGITS)[exercise.question]
    candidates = exact, by_hand, float(rounded(by_hand, DIGITS))
    return len({float(to_decimals(x, exercise.decimals)) for x in candidates}) == 1


class _Domains:
    """The givens that a definition may have.

    Attributes
    ----------
    all : list of Givens or None
        All of them, if these are not too many to be tried.
    """

    def __init__(self, definition: Definition[...]) -> None:
        self.domains = {
            name: definition.domains.get(name, [parameter.default])
            for name, parameter in definition.signature.parameters.items()
        }
        self.domains = {
            name: domain if callable(domain) else list(domain)
            for name, domain in self.domains.items()
        }
        self.needed = {
            name: list(inspect.signature(domain).parameters) if callable(domain) else []
            for name, domain in self.domains.items()
        }
        self.order = list(TopologicalSorter(self.needed).static_order())
        some = list(islice(self.product({}), _MOST + 1))
        self.all = some if len(some) <= _MOST else None

    def of(self, name: str, givens: Mapping[str, Any]) -> Sequence[Any]:
        """Return what a given may be, beside those chosen before it."""
        domain = self.domains[name]
        if callable(domain):
            return list(domain(**{other: givens[other] for other in self.needed[name]}))
        return domain  # type: ignore[return-value]

    def product(self, givens: Givens) -> Iterator[Givens]:
        """Yield all givens that begin with some."""
        if len(givens) == len(self.order):
            yield givens
            return
        name = self.order[len(givens)]
        for x in self.of(name, givens):
            yield from self.product({**givens, name: x})

    def shuffled(self, random: Random) -> Iterator[Givens]:
        """Yield all givens in a random order; random ones if they are too many."""
        if self.all is not None:
            yield from sorted(self.all, key=lambda _: random.random())
            return
        for _ in range(_MOST):
            givens: Givens = {}
            for name in self.order:
                choices = self.of(name, givens)
                if not choices:
                    break
                givens[name] = choices[int(random.random() * len(choices))]
            else:
                yield givens
