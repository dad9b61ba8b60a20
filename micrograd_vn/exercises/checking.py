"""Answers checked step by step, each from the student's own earlier numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import floor, inf, isfinite, log10

from micrograd_vn.errors import message
from micrograd_vn.exercises.answers import Answer, folded, read_answers
from micrograd_vn.exercises.calculation import DIGITS, Calculation
from micrograd_vn.exercises.diagnosis import (
    Diagnosis,
    Diagnostician,
    Explanation,
    Wrong,
    is_rounded,
)
from micrograd_vn.exercises.report import Report, Step
from micrograd_vn.exercises.rounding import Interval, around, left_out, spread
from micrograd_vn.exercises.slips import SLIPS, Slip
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.tree import rounded, to_decimals
from micrograd_vn.phrases import language

__all__ = ["Checker", "check"]


def check(
    exercise: Exercise,
    answers: Mapping[str, float | str] | str,
    *,
    lang: str | None = None,
    marks: Mapping[str, float] | None = None,
    slips: Sequence[Slip] = SLIPS,
) -> Report:
    """Return which numbers of a calculation are right, each judged from those before it.

    A number is right if it is that of the exercise, to the decimals that it was given with, and
    at least to those that the exercise asks for; numbers on the way may be rounded as the
    solution does. Of a wrong number it is said which single slip gives it, if one does.

    Parameters
    ----------
    exercise
        The exercise.
    answers
        The numbers by quantity, values and derivatives; or text such as
        ``"∂L/∂h₀ = −0,1571; ∂L/∂R = −0.38"``. Numbers have a decimal point or comma, or are
        fractions such as 1/3. Subscripts may be plain figures, and ∂ a d: ``dL/dh0``.
    lang
        ``"vi"`` or ``"en"``; the reader's language unless given.
    marks
        The points of each quantity that has any; otherwise one for each that the answer needs.
    slips
        The mistakes that are looked for, the simplest first.

    Raises
    ------
    ValueError
        The exercise has no such quantity, one is answered twice, or an answer is no number.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> report = check(cau3(), "∂L/∂h₁ = 0,8429; ∂L/∂R = −0,3843", lang="en")
    >>> print(report)  # doctest: +NORMALIZE_WHITESPACE
    • ∂L/∂h₁ = 0.8429: wrong; from what is given: ŷ₁ − y₁ = 0.1571. The number
      written is ŷ₀ − y₁ = 0.8429 − 0 = 0.8429: ŷ₀ instead of ŷ₁ (the wrong class)
    <BLANKLINE>
    • ∂L/∂R = −0.3843: right from a wrong earlier number
    <BLANKLINE>
    Left out, but earned by a later step: ∂L/∂h₀, ∂h₀/∂R, ∂h₁/∂R
    <BLANKLINE>
    First wrong step: ∂L/∂h₁
    <BLANKLINE>
    Marks: 4 of 5
    <BLANKLINE>
    """
    return Checker(exercise, marks=marks, slips=slips).report(answers, lang)


class Checker:
    """Checks answers of many students to one exercise.

    Parameters
    ----------
    exercise, marks, slips
        As in `check`.

    Raises
    ------
    ValueError
        The exercise has no quantity that has points, or these are negative.
    """

    def __init__(
        self,
        exercise: Exercise,
        *,
        marks: Mapping[str, float] | None = None,
        slips: Sequence[Slip] = SLIPS,
    ) -> None:
        self.calculation = Calculation(exercise)
        self.points = self._points(marks)
        self._diagnostician = _diagnostician(tuple(slips))
        self._exact = self._completed({})

    def report(
        self,
        answers: Mapping[str, float | str] | str,
        lang: str | None = None,
        *,
        strict: bool = True,
    ) -> Report:
        """Return the report on one student's answers.

        Parameters
        ----------
        answers, lang
            As in `check`.
        strict
            Whether what can't be read is an error; else the report says it, beside the rest.
        """
        numbers, unread = read_answers(self.calculation, answers)
        if strict and unread:
            raise unread[0]
        return Report(self.calculation, numbers, self._judged(numbers), unread, language(lang))

    def _points(self, marks: Mapping[str, float] | None) -> dict[str, float]:
        if marks is None:
            return dict.fromkeys(self.calculation.needed, 1)
        known = self.calculation.formulas
        names = {folded(symbol): symbol for symbol in known}
        points: dict[str, float] = {}
        for name, worth in marks.items():
            if folded(name) not in names:
                raise ValueError(message("no mark", repr(name), ", ".join(known)))
            if not 0 <= worth < inf:
                raise ValueError(message("mark", name, worth))
            points[names[folded(name)]] = worth
        return points

    def _completed(self, own: Mapping[str, float]) -> list[dict[str, float]]:
        """Return all numbers, what is left out exactly, and in the ways in which one rounds it."""
        numbers = self.calculation.numbers
        return [numbers(own), numbers(own, DIGITS), numbers(own, decimals=DIGITS)]

    def _judged(self, answers: Mapping[str, Answer]) -> Iterator[Step]:
        """Yield the steps with their verdicts, in the order of the calculation."""
        calculation, exact = self.calculation, self._exact
        student = {symbol: float(answer.number) for symbol, answer in answers.items()}
        own = self._completed(student)
        verdicts: dict[str, str] = {}
        results: dict[str, float] = {}
        slips: dict[str, list[Diagnosis]] = {}
        held: dict[str, Interval] = {}  # what the student may have gone on with
        off: set[str] = set()  # what is not that of the exercise
        restated = [symbol for symbol in calculation.given if symbol in answers]
        for symbol in [*restated, *calculation.formulas]:
            computed = symbol in calculation.formulas
            before = off & calculation.operands(symbol) if computed else set()
            results[symbol] = calculation.number(symbol, own[0]) if computed else exact[0][symbol]
            answer = answers.get(symbol)
            if answer is None:
                verdicts[symbol] = "missing"
            else:
                decimals = self._decimals(symbol, answer, results[symbol])
                readings = exact if before else exact[:1]
                of_exercise = [
                    calculation.number(symbol, n) if computed else n[symbol] for n in readings
                ]
                is_right = any(is_rounded(student[symbol], x, decimals) for x in of_exercise)
                honest = self._honest(symbol, answers, own, held) if computed else []
                follows = any(_is_within(student[symbol], x, decimals) for x in honest)
                is_right = is_right or (follows and not before)
                verdicts[symbol] = "right" if is_right else "follows" if follows else "wrong"
                unrounded = [x for interval in honest for x in interval] if follows else []
                half = 0.5 * 10.0**-decimals
                if verdicts[symbol] == "wrong":
                    slips[symbol] = self._slips(symbol, answers, own, decimals)
                    unrounded = [student[symbol] - half, student[symbol] + half]  # any: unknown how
                held[symbol] = around(student[symbol], half, *unrounded)
            if verdicts[symbol] in ("wrong", "follows") or (answer is None and before):
                off.add(symbol)
        earned = self._earned(verdicts)
        for symbol, verdict in verdicts.items():
            yield Step(
                symbol,
                verdict,
                answers[symbol].number if symbol in answers else None,
                results[symbol],
                exact[0][symbol],
                symbol in earned if symbol in self.points else None,
                self.points.get(symbol, 0),
                slips.get(symbol, []),
            )

    def _decimals(self, symbol: str, answer: Answer, own: float) -> int:
        """Return to how many decimals a number counts: those of the answer, and at least some.

        Of a large number on the way the solution shows fewer than the exercise asks for.
        """
        least = self.calculation.exercise.decimals
        if symbol != self.calculation.exercise.question and isfinite(own) and abs(own) >= 1:
            least = min(least, max(0, DIGITS - 1 - floor(log10(abs(own)))))
        return max(answer.decimals, least)

    def _honest(
        self,
        symbol: str,
        answers: Mapping[str, Answer],
        own: Sequence[Mapping[str, float]],
        held: Mapping[str, Interval],
    ) -> list[Interval]:
        """Return what a quantity may be by the student's own numbers, with any rounding on the way.

        What is left out one rounds as the answer: to as many digits, or as many decimals, and
        four at least; or all of it to four, as the solution does.
        """
        calculation, left = self.calculation, self._left_out(symbol, answers)
        if not left:
            return [spread(calculation, symbol, own[0], held)]
        answer = answers[symbol]
        digits = max(len(answer.number.as_tuple().digits), DIGITS)
        decimals = max(answer.decimals, DIGITS)
        ways = [
            left_out(calculation, left, own[0], held, lambda x: float(rounded(x, digits))),
            left_out(calculation, left, own[0], held, lambda x: float(to_decimals(x, decimals))),
        ]
        readings = [calculation.number(symbol, numbers) for numbers in own[1:]]
        return [
            *[spread(calculation, symbol, own[0], known) for known in ways],
            *[(x, x) for x in readings],
        ]

    def _slips(
        self,
        symbol: str,
        answers: Mapping[str, Answer],
        own: Sequence[Mapping[str, float]],
        decimals: int,
    ) -> list[Diagnosis]:
        """Return the single slips that give a wrong number."""
        calculation = self.calculation
        if symbol not in calculation.formulas:
            return []
        answer = answers[symbol]
        wrong = Wrong(
            symbol,
            float(answer.number),
            answer.formula,
            decimals,
            calculation.number(symbol, own[0]),
            _different(own, symbol),
            self._left_out(symbol, answers),
        )
        return Explanation(calculation, wrong, self._diagnostician).slips()

    def _left_out(self, symbol: str, answers: Iterable[str]) -> list[str]:
        """Return what was not answered on the way to a quantity, from what was."""
        wanted, found = {symbol}, []
        for name in reversed(self.calculation.formulas):
            if name in wanted:
                if name != symbol:
                    found.append(name)
                wanted |= self.calculation.operands(name) - set(answers)
        return found[::-1]

    def _earned(self, verdicts: Mapping[str, str]) -> set[str]:
        """Return the steps that earn a mark: also those left out of which one that does is made."""
        earned: set[str] = set()
        used: set[str] = set()
        for symbol in reversed(self.calculation.formulas):
            verdict = verdicts[symbol]
            if verdict in ("right", "follows") or (verdict == "missing" and symbol in used):
                earned.add(symbol)
                used |= self.calculation.operands(symbol)
        return earned


def _is_within(number: float, interval: Interval, decimals: int) -> bool:
    """Return whether a number is one of an interval, rounded to so many decimals."""
    low, high = interval
    return low <= number <= high or any(is_rounded(number, end, decimals) for end in interval)


def _different(own: Sequence[Mapping[str, float]], symbol: str) -> list[Mapping[str, float]]:
    """Return numbers of a student once if they differ in what comes after a quantity only."""
    told_apart: dict[tuple[float, ...], Mapping[str, float]] = {}
    for numbers in own:
        before = []
        for name, x in numbers.items():
            if name == symbol:
                break
            before.append(x)
        told_apart.setdefault(tuple(before), numbers)
    return list(told_apart.values())


@lru_cache(maxsize=8)
def _diagnostician(slips: tuple[Slip, ...]) -> Diagnostician:
    """Return who knows some slips, the same for all who ask."""
    return Diagnostician(slips)
