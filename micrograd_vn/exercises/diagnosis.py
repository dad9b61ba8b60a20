"""Which single slip gives the wrong number that a student wrote, and by how much of a chance.

A formula is changed by each slip at each of its parts, and computed from the student's own
numbers. Where that gives the number, the slip explains it. Steps that the student left out are
looked at as well: the slip may have happened there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite, isnan
from random import Random
from typing import NamedTuple

from micrograd_vn import table
from micrograd_vn.engine import topological_order
from micrograd_vn.exercises.calculation import DIGITS, Calculation, Program
from micrograd_vn.exercises.changes import ROUNDINGS, Said
from micrograd_vn.exercises.slips import Change, Slip, around_of, changed
from micrograd_vn.formulas.document import Document, Paragraph
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Equation, Formula, Number, replaced, rounded
from micrograd_vn.readers.numbers import as_given

__all__ = ["CERTAIN", "Diagnosis", "Diagnostician", "Explanation", "Wrong"]

CERTAIN = 0.01  # a chance below which a slip is not called a guess
_MOST = 3  # explanations that are named
_NEAR = 20  # steps of the last digit around a number, at least, in which chance is reckoned
_MOST_KEPT = 1000  # formulas whose slips are kept
_NOISE = 1e-12
_PLACES = ((1, 1.0), (2, 1.0), (3, -1.0))  # of other numbers: how they are drawn, and their sign

Numbers = Mapping[str, float]


class Diagnosis(NamedTuple):
    """A slip that explains a number.

    Attributes
    ----------
    slip
        What it is.
    said
        What stands in the gaps of its phrase.
    at
        The quantity at which it happened: the one that was answered, or one before it that was
        left out.
    formula
        How that one was calculated.
    equations
        How the number came, with the student's own numbers; then, if the slip happened at a
        quantity that was left out, how that one was calculated.
    chance
        How likely a number that has nothing to do with slips, near this one and with its digits,
        would be explained by one as simple as this.
    """

    slip: Slip
    said: tuple[Said, ...]
    at: Formula
    formula: Formula
    equations: tuple[Equation, ...]
    chance: float

    @property
    def is_guess(self) -> bool:
        """Whether chance may well explain the number as well."""
        return self.chance >= CERTAIN

    @property
    def printed(self) -> tuple[str, str, str]:
        """What a reader sees of it."""
        return self.slip.name, repr(self.said), str(Document([Paragraph(self.equations)]))


class Wrong(NamedTuple):
    """A wrong number.

    Attributes
    ----------
    symbol
        The quantity.
    number, answer, decimals
        What was answered, as a number and as a formula, and to how many decimals it counts.
    expected
        What it is from the student's own numbers.
    own
        The student's numbers, completed in the ways in which one rounds what is left out.
    left_out
        The quantities before it that were not answered, each after those that it needs.
    """

    symbol: str
    number: float
    answer: Formula
    decimals: int
    expected: float
    own: Sequence[Numbers]
    left_out: Sequence[str]

    def fits(self, value: float) -> bool:
        """Return whether a value, rounded, is the number."""
        return is_rounded(self.number, value, self.decimals)


class _Candidate(NamedTuple):
    """A formula with a slip."""

    rank: int
    slip: Slip
    change: Change
    program: Program
    guard: Program | None
    key: tuple[str, ...]  # what it is elsewhere: alike for formulas that are equal by algebra


class _Found(NamedTuple):
    """A candidate at a quantity, and the numbers that it gives in the end."""

    rank: int
    at: str
    candidate: _Candidate
    value: float
    results: Sequence[float]


def is_rounded(number: float, value: float, decimals: int) -> bool:
    """Return whether a number is a value, rounded to so many decimals."""
    return abs(number - value) <= 0.5 * 10.0**-decimals + _NOISE * max(1.0, abs(value))


class Diagnostician:
    """Finds slips; what it makes of a formula it keeps for the next student.

    Parameters
    ----------
    slips
        The mistakes that are looked for, the simplest first.
    """

    def __init__(self, slips: Sequence[Slip]) -> None:
        self.slips = tuple(slips)
        self._kept: dict[tuple[str, ...], list[_Candidate]] = {}

    def of(self, calculation: Calculation, symbol: str) -> list[_Candidate]:
        """Return the formulas of a quantity with a slip, those that are alike once."""
        key = (symbol, *calculation.written)
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._made(calculation, symbol)
        return self._kept[key]

    def _made(self, calculation: Calculation, symbol: str) -> list[_Candidate]:
        around = around_of(calculation, symbol)
        before = [Text()(f) for f in around.quantities]
        places = [_elsewhere(before, *where) for where in _PLACES]

        def key(program: Program) -> tuple[str, ...]:
            return tuple(f"{program(numbers):.9g}" for numbers in places)

        seen = {(key(Program(around.formula)), "")}
        found = []
        for rank, slip in enumerate(self.slips):
            for change in changed(slip, around):
                program = Program(change.now)
                here = key(program)
                guarded = "" if change.negative is None else str(change.negative)
                if not {(here, guarded), (here, "")} & seen:
                    seen.add((here, guarded))
                    guard = None if change.negative is None else Program(change.negative)
                    found.append(_Candidate(rank, slip, change, program, guard, here))
        return found


def _elsewhere(symbols: Iterable[str], seed: int, sign: float) -> dict[str, float]:
    """Return numbers at which formulas that are not equal differ."""
    return {s: sign * Random(f"{seed} {s}").uniform(0.3, 1.7) for s in symbols}


class Explanation:
    """What explains a wrong number.

    Parameters
    ----------
    calculation
        How the exercise is calculated.
    wrong
        The number.
    diagnostician
        Who knows the slips.
    """

    def __init__(
        self, calculation: Calculation, wrong: Wrong, diagnostician: Diagnostician
    ) -> None:
        self.calculation, self.wrong, self.diagnostician = calculation, wrong, diagnostician

    def slips(self) -> list[Diagnosis]:
        """Return the slips that explain the number, the simplest first: at most three.

        What was left out on the way is looked at if the step itself explains nothing for certain.
        """
        found = list(self._at_the_step())
        named = self._named(found)
        if all(d.is_guess for d in named) and self.wrong.left_out:
            found += self._before()
            named = self._named(found)
        return named

    def _named(self, found: Sequence[_Found]) -> list[Diagnosis]:
        """Return what explains the number, once for formulas that are equal by algebra."""
        said, printed, named = set(), set(), []
        for f in sorted(found, key=lambda f: f.rank):
            if not any(map(self.wrong.fits, f.results)):
                continue
            key = self._in_the_end(f)
            if key not in said:
                said.add(key)
                chance = _chance(self.wrong, [g for g in found if g.rank <= f.rank])
                diagnosis = self._diagnosis(f, chance)
                if diagnosis.printed in printed:
                    continue
                printed.add(diagnosis.printed)
                named.append(diagnosis)
                if len(named) == _MOST:
                    break
        return named

    def _in_the_end(self, found: _Found) -> tuple[str, ...]:
        """Return what a formula gives at the step with other numbers."""
        if found.at == self.wrong.symbol:
            return found.candidate.key
        results = []
        for where in _PLACES:
            numbers = _elsewhere(self.wrong.own[0], *where)
            steps = [*self.wrong.left_out, self.wrong.symbol]
            for step in steps:
                program = found.candidate.program if step == found.at else None
                numbers[step] = (
                    self.calculation.number(step, numbers) if program is None else program(numbers)
                )
            results.append(f"{numbers[self.wrong.symbol]:.9g}")
        return tuple(results)

    def _diagnosis(self, found: _Found, chance: float) -> Diagnosis:
        """Return a slip with the numbers that it was made with."""
        change, symbols = found.candidate.change, self.calculation.symbols
        numbers = {**self.wrong.own[0], found.at: found.value}
        said: list[Said] = []
        for gap in change.said:
            several = gap if isinstance(gap, tuple) else (gap,)
            filled = tuple(put_in(f, numbers) if is_rounding(f) else f for f in several)
            said.append(filled if isinstance(gap, tuple) else filled[0])
        if found.at == self.wrong.symbol:
            equations = [_equation([change.now], numbers, self.wrong.answer)]
        else:
            left_out = rounded(found.value, DIGITS)
            for step in self._after(found.at):
                numbers[step] = self.calculation.number(step, numbers)
            numbers[found.at] = float(left_out)
            equations = [
                _equation(
                    [self.calculation.formulas[self.wrong.symbol]], numbers, self.wrong.answer
                ),
                _equation([symbols[found.at], change.now], numbers, left_out),
            ]
        slip, at = found.candidate.slip, symbols[found.at]
        return Diagnosis(slip, tuple(said), at, change.now, tuple(equations), chance)

    def _at_the_step(self) -> Iterator[_Found]:
        """Yield what slips at the step itself give."""
        for candidate, values in self._values(self.wrong.symbol, self.wrong.own):
            yield _Found(candidate.rank, self.wrong.symbol, candidate, values[0], values)

    def _before(self) -> Iterator[_Found]:
        """Yield what slips at steps that were left out give at the step."""
        for symbol in self.wrong.left_out:
            after = [*self._after(symbol), self.wrong.symbol]
            for candidate, values in self._values(symbol, self.wrong.own):
                results = []
                for value, own in zip(values, self.wrong.own, strict=True):
                    numbers = dict(own)
                    numbers[symbol] = value
                    for step in after:
                        numbers[step] = self.calculation.number(step, numbers)
                    results.append(numbers[self.wrong.symbol])
                rank = candidate.rank + len(self.diagnostician.slips)
                yield _Found(rank, symbol, candidate, values[0], results)

    def _after(self, symbol: str) -> Sequence[str]:
        """Return what was left out after a quantity that was left out."""
        return self.wrong.left_out[self.wrong.left_out.index(symbol) + 1 :]

    def _values(
        self, symbol: str, own: Sequence[Numbers]
    ) -> Iterator[tuple[_Candidate, list[float]]]:
        """Yield each formula with a slip, and what it gives from the student's numbers."""
        for candidate in self.diagnostician.of(self.calculation, symbol):
            if candidate.guard is not None and not candidate.guard(own[0]) < 0:
                continue
            values = [candidate.program(numbers) for numbers in own]
            if any(map(isfinite, values)):
                yield candidate, values


def put_in(f: Formula, numbers: Numbers) -> Formula:
    """Return a formula with numbers in the place of its names.

    Examples
    --------
    >>> from micrograd_vn.formulas.tree import Name
    >>> put_in(-Name("a") * Name("b"), {"a": -0.5, "b": 1 / 3})
    0.5·0.3333
    """

    def number(part: Formula) -> Formula | None:
        if part.op is None:
            return None if isinstance(part, Number) else as_given(numbers[Text()(part)], DIGITS)
        (x, *others) = part.parents
        if isinstance(x, Number) and not others:
            if part.op is table.neg:
                return -x
            if part.op in ROUNDINGS:
                return Number(part.op.forward(float(x)))
        return None

    return replaced(f, number)


def is_rounding(f: Formula) -> bool:
    """Return whether something in a formula is rounded."""
    return any(part.op in ROUNDINGS for part in topological_order(f))


def _equation(sides: list[Formula], numbers: Numbers, result: Formula) -> Equation:
    """Return how a number comes from a formula, with numbers put in."""
    numeric = put_in(sides[-1], numbers)
    value, shown = Program(numeric)({}), Program(result)({})
    last = "=" if abs(value - shown) <= _NOISE * max(1.0, abs(value)) else "≈"
    if is_rounding(sides[-1]):
        sides = sides[:-1]
    if not isinstance(numeric, Number) or last == "≈":
        sides = [*sides, numeric]
    signs = ["="] * (len(sides) - 1) + [last]
    return Equation(*sides, result, sign=signs[: len(sides)])


def _chance(wrong: Wrong, found: Sequence[_Found]) -> float:
    """Return which share of the numbers near the answer, with its digits, some formulas give."""
    step = 10.0**-wrong.decimals
    reach = 0.0 if isnan(wrong.expected) else abs(wrong.number - wrong.expected)
    reach = max(reach, _NEAR * step)
    covered = {
        round(value / step)
        for f in found
        for value in f.results
        if abs(value - wrong.number) <= reach
    }
    return min(1.0, len(covered) / (2 * reach / step))
