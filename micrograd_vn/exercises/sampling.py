"""Variants of an exercise: other givens, as good to calculate with and as fair to mark."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import islice
from random import Random
from typing import Any, TypeAlias

from micrograd_vn.errors import message
from micrograd_vn.exercises.calculation import DIGITS, Calculation
from micrograd_vn.exercises.definition import Definition, GivensError
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.tree import rounded, to_decimals

__all__ = ["variants"]

_MOST = 10_000  # givens that are tried
_PATIENCE = 100  # how many givens in a row may bring no new rounded answer

Givens: TypeAlias = "dict[str, Any]"


def variants(definition: Definition[...], n: int, *, seed: int) -> list[Exercise]:
    """Return so many exercises with givens from the domains of a definition.

    Each can be solved; no rounded answer is 0, and no answer is a number that is given. Who
    rounds on the way as the solution does gets the same rounded answer as who does not.

    All answers differ, to the digits that a solution shows. Rounded to two decimals there are
    hardly 200 numbers that an answer between −1 and 1 may be, too few for a year of students:
    so two variants share a rounded answer only once a hundred givens in a row bring no new one,
    three only once the same happens again, and so on. The first 30 have 30 rounded answers.

    Parameters
    ----------
    definition
        What the exercises are made by.
    n
        How many.
    seed
        The same one gives the same variants, on every machine; fewer are the first of more.

    Raises
    ------
    ValueError
        The domains do not hold so many: it says how many they do, or, where there are too many
        givens to try all of them, how many were found.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau4
    >>> [(exercise.givens["x"], exercise.rounded) for exercise in variants(cau4, 3, seed=7)]
    [(1.5, -0.54), (1.5, -0.59), (0.5, 1.25)]
    """
    domains, found = _Domains(definition), _Found(definition, n)
    tried = 0
    for givens in domains.shuffled(Random(seed)):
        if found.is_full:
            break
        tried += 1
        found.offer(givens)
    while found.waiting and not found.is_full:
        found.repeat()
    if not found.is_full:
        numbers = definition.build.__qualname__, n, len(found.exercises), tried
        all_tried = domains.all is not None
        said = message("held", *numbers) if all_tried else message("found", *numbers)
        raise ValueError(said)
    return list(found.exercises.values())


class _Found:
    """Exercises whose answers differ, and givens that wait until a rounded answer may repeat.

    Attributes
    ----------
    exercises : dict of float to Exercise
        By answer, to the digits that a solution shows.
    waiting : dict of float to (float, Givens)
        Likewise: rounded answers that occur as often as they may by now, and their givens.
    """

    def __init__(self, definition: Definition[...], most: int) -> None:
        self.definition, self.most = definition, most
        self.exercises: dict[float, Exercise] = {}
        self.waiting: dict[float, tuple[float, Givens]] = {}
        self._uses: Counter[float] = Counter()  # of rounded answers
        self._allowed = 1
        self._in_vain = 0  # givens in a row that had to wait

    @property
    def is_full(self) -> bool:
        """Whether there are as many as wanted."""
        return len(self.exercises) == self.most

    def offer(self, givens: Givens) -> None:
        """Take the exercise with these givens, or let it wait, or drop it."""
        try:
            exercise = self.definition(**givens)
        except GivensError:
            return
        answer = float(rounded(exercise.answer, DIGITS))
        shown = float(to_decimals(exercise.answer, exercise.decimals))
        given = {float(rounded(abs(x), DIGITS)) for x in exercise.givens.values()}
        if not shown or abs(answer) in given or answer in self.exercises:
            return
        if self._uses[shown] < self._allowed:
            self._take(answer, shown, exercise)
            return
        self.waiting.setdefault(answer, (shown, givens))
        self._in_vain += 1
        if self._in_vain == _PATIENCE:
            self.repeat()

    def repeat(self) -> None:
        """Let each rounded answer occur once more, and take of those that waited."""
        self._allowed, self._in_vain = self._allowed + 1, 0
        for answer, (shown, givens) in list(self.waiting.items()):
            if self._uses[shown] < self._allowed:
                del self.waiting[answer]
                self._take(answer, shown, self.definition(**givens))

    def _take(self, answer: float, shown: float, exercise: Exercise) -> None:
        if not self.is_full and _is_clear(exercise):
            self._in_vain = 0
            self._uses[shown] += 1
            self.exercises[answer] = exercise


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
