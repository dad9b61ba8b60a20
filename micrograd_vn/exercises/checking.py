"""Answers checked step by step, each from the student's own earlier numbers."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import isclose, isfinite
from typing import NamedTuple

from micrograd_vn.exercises.calculation import DIGITS, Calculation, number_of
from micrograd_vn.exercises.slips import explaining
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.document import Block, Document, Paragraph, Part
from micrograd_vn.formulas.phrases import language
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Equation, Formula, Name, Number, rounded
from micrograd_vn.readers.words import Words

__all__ = ["Report", "Step", "check"]

_SIGNS = str.maketrans({"−": "-", "–": "-", ",": "."})
_LARGEST = 30  # power of ten of a number that is an answer
_MOST_DECIMALS = 12  # what a float has beyond them is noise
_NOISE = 1e-12
_TELLING = 3  # decimals of a number that hardly comes from a slip by chance


class Step(NamedTuple):
    """A quantity of an exercise and what was answered.

    Attributes
    ----------
    symbol
        The quantity, as text.
    verdict
        ``"right"``; ``"follows"``: right from a wrong earlier number; ``"wrong"``; or
        ``"missing"``: not given.
    answer
        The number that was given, if one was.
    own
        What the quantity is by the student's own earlier numbers; nan if it has no value there.
    exact
        What it is.
    mark
        Whether it earns a mark; None if the answer to the exercise does not need it.
    slips
        If it is wrong: formulas that differ from the right one by a single slip and give the
        number that was written, from the student's own earlier numbers.
    """

    symbol: str
    verdict: str
    answer: Decimal | None
    own: float
    exact: float
    mark: bool | None
    slips: Sequence[Formula]


class Answer(NamedTuple):
    """A number, the formula that it was given as, and the decimals that it is judged to."""

    number: Decimal
    formula: Formula
    decimals: int


class Report(Document):
    """What is right and what is wrong: prints as text, and is written as HTML, LaTeX and JSON.

    Attributes
    ----------
    steps : list of Step
        What is restated of the givens, then all quantities in the order of the calculation.
    first_wrong : str or None
        The symbol of the first wrong step.
    marks, most : int
        A mark for each step that the answer needs: if it is right, or follows from earlier
        numbers, or is left out but a step computed from it earns its own.
    """

    def __init__(
        self,
        calculation: Calculation,
        answers: Mapping[str, Answer],
        steps: Iterable[Step],
        lang: str,
    ) -> None:
        self.steps = list(steps)
        self.first_wrong = next((s.symbol for s in self.steps if s.verdict == "wrong"), None)
        counted = [s.mark for s in self.steps if s.mark is not None]
        self.marks, self.most = sum(counted), len(counted)
        super().__init__(self._lines(calculation, answers, Words(lang, "check")))

    def _lines(
        self, calculation: Calculation, answers: Mapping[str, Answer], words: Words
    ) -> Iterator[Block]:
        symbols = {symbol: Name(symbol) for symbol in calculation.given} | calculation.symbols
        for step in self.steps:
            if step.symbol not in answers:
                continue
            answer = answers[step.symbol]
            phrase = step.verdict
            gaps: list[Part] = [Equation(symbols[step.symbol], answer.formula)]
            if phrase == "wrong":
                phrase, instead = _correction(step, calculation.formulas.get(step.symbol))
                gaps.append(instead)
            parts = words.said(phrase, *gaps)
            if step.slips:
                as_written = [Equation(f, answer.formula, sign="≈") for f in step.slips]
                parts += words.said("slip", words.listed(as_written, words.phrases["or"]))
            yield Paragraph(parts, bullet=True)
        left_out = [symbols[s.symbol] for s in self.steps if s.mark is False and s.answer is None]
        if left_out:
            yield words.paragraph("missing", words.listed(left_out))
        if self.first_wrong is not None:
            yield words.paragraph("first wrong", symbols[self.first_wrong])
        yield words.paragraph("marks", str(self.marks), str(self.most))

    def to_json(self) -> str:
        """Return the report as JSON, with the digits of each answer as they were given."""
        steps = [
            {
                "symbol": s.symbol,
                "verdict": s.verdict,
                "answer": None if s.answer is None else str(s.answer),
                "own": float(rounded(s.own, _MOST_DECIMALS)) if isfinite(s.own) else None,
                "exact": float(rounded(s.exact, _MOST_DECIMALS)),
                "mark": s.mark,
                "slips": [Text()(f) for f in s.slips],
            }
            for s in self.steps
        ]
        whole = {"first_wrong": self.first_wrong, "marks": self.marks, "most": self.most}
        return json.dumps({**whole, "steps": steps}, ensure_ascii=False, indent=1) + "\n"


def check(
    exercise: Exercise, answers: Mapping[str, float | str] | str, *, lang: str | None = None
) -> Report:
    """Return which numbers of a calculation are right, each judged from those before it.

    A number is right if it is that of the exercise, to the decimals that it was given with, and
    at least to those that the exercise asks for; numbers on the way may be rounded as the
    solution does.

    Parameters
    ----------
    exercise
        The exercise.
    answers
        The numbers by quantity, values and derivatives; or text such as
        ``"∂L/∂h₀ = −0,1571; ∂L/∂R = −0.38"``. Numbers have a decimal point or comma, or are
        fractions such as 1/3. Subscripts may be plain figures, and ∂ a d: ``dL/dh0``.
    lang
        ``"vi"`` or ``"en"``.

    Raises
    ------
    ValueError
        The exercise has no such quantity, one is answered twice, or an answer is no number.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> print(check(cau3(), "∂L/∂h₁ = 0,84; ∂L/∂R = −0,383", lang="en"))
    • ∂L/∂h₁ = 0.84: wrong; from the numbers before it: ŷ₁ − y₁ = 0.1571
    <BLANKLINE>
    • ∂L/∂R = −0.383: right from a wrong earlier number
    <BLANKLINE>
    First wrong step: ∂L/∂h₁
    <BLANKLINE>
    Marks: 4 of 5
    <BLANKLINE>
    """
    calculation = Calculation(exercise)
    numbers = {name: _read(name, said) for name, said in _by_symbol(calculation, answers)}
    return Report(calculation, numbers, _judged(calculation, numbers), language(lang))


def _correction(step: Step, formula: Formula | None) -> tuple[str, Part]:
    """Return what is said of a wrong number, and what stands there instead."""
    given_digits = len(step.answer.as_tuple().digits) if step.answer is not None else 0
    number = rounded(step.own, min(max(DIGITS + 1, given_digits), _MOST_DECIMALS))
    if formula is None:
        return "miscopied", number
    if not isfinite(step.own):
        return "undefined", formula
    if isinstance(formula, Number):
        return "wrong", number
    close = isclose(float(number), step.own, rel_tol=_NOISE)
    return "wrong", Equation(formula, number, sign="=" if close else "≈")


# What the student wrote


def _by_symbol(
    calculation: Calculation, answers: Mapping[str, float | str] | str
) -> Iterator[tuple[str, float | str]]:
    """Yield the answers by what the exercise calls the quantities."""
    known = [*calculation.given, *calculation.formulas]
    names = {_folded(symbol): symbol for symbol in known} | {symbol: symbol for symbol in known}
    seen = set()
    for name, said in _pairs(answers) if isinstance(answers, str) else answers.items():
        symbol = names.get(name, names.get(_folded(name)))
        if symbol is None:
            raise ValueError(f"check: there is no {name!r} here, but {', '.join(known)}")
        if symbol in seen:
            raise ValueError(f"check: {symbol} is answered twice")
        seen.add(symbol)
        yield symbol, said


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield quantity and number of each ``quantity = … = number`` in a text."""
    for part in filter(str.strip, text.replace("\n", ";").replace("≈", "=").split(";")):
        name, *_, said = part.split("=") if "=" in part else ("", "")
        if not name.strip():
            raise ValueError(f"check: {part.strip()!r} is not 'quantity = number'")
        yield name.strip(), said


def _folded(name: str) -> str:
    """Return a name without what a keyboard may lack: h₀ is h0, and ∂L/∂R is dL/dR."""
    plain = unicodedata.normalize("NFKC", "".join(name.split()))
    return plain.replace("′", "'").replace("∂", "d")


def _read(symbol: str, said: float | str) -> Answer:
    """Return the number that was answered."""
    written = str(said).strip().translate(_SIGNS).replace("- ", "-")
    try:
        above, *below = map(Decimal, written.split("/"))
        number = above / below[0] if below else above
    except ArithmeticError:
        number, below = Decimal("nan"), []
    exponent = number.as_tuple().exponent
    usual = isinstance(exponent, int) and -_LARGEST <= exponent <= number.adjusted() <= _LARGEST
    if len(below) > 1 or not usual:
        raise ValueError(f"check: {symbol} = {said!r}: not a number")
    assert isinstance(exponent, int)
    if below:
        return Answer(number, Number(above) / Number(below[0]), DIGITS)
    return Answer(number, Number(number), min(-exponent, _MOST_DECIMALS))


# Judging


def _judged(calculation: Calculation, answers: Mapping[str, Answer]) -> Iterator[Step]:
    """Yield the steps with their verdicts, in the order of the calculation."""
    student = {symbol: float(answer.number) for symbol, answer in answers.items()}
    exact, shown = (calculation.numbers({}, digits) for digits in (None, DIGITS))
    own = [calculation.numbers(student, digits) for digits in (None, DIGITS)]
    verdicts: dict[str, str] = {}
    results: dict[str, float] = {}
    off: set[str] = set()  # what is not that of the exercise
    restated = [symbol for symbol in calculation.given if symbol in answers]
    for symbol in [*restated, *calculation.formulas]:
        computed = symbol in calculation.formulas
        before = off & calculation.operands(symbol) if computed else set()
        follow = [calculation.number(symbol, numbers) for numbers in own if computed]
        results[symbol] = follow[0] if computed else exact[symbol]
        answer = answers.get(symbol)
        right = [exact[symbol], shown[symbol], *([] if before else follow)]
        if answer is None:
            verdicts[symbol] = "missing"
        else:
            decimals = max(answer.decimals, calculation.exercise.decimals)
            is_right, follows = (_is(student[symbol], xs, decimals) for xs in (right, follow))
            verdicts[symbol] = "right" if is_right else "follows" if follows else "wrong"
        if verdicts[symbol] in ("wrong", "follows") or (answer is None and before):
            off.add(symbol)
    needed, earned = calculation.needed, _earned(calculation, verdicts)
    for symbol, verdict in verdicts.items():
        number = answers[symbol].number if symbol in answers else None
        mark = symbol in earned if symbol in needed else None
        slips = _slips(calculation, symbol, answers[symbol], own) if verdict == "wrong" else []
        yield Step(symbol, verdict, number, results[symbol], exact[symbol], mark, slips)


def _slips(
    calculation: Calculation, symbol: str, answer: Answer, own: Sequence[Mapping[str, float]]
) -> list[Formula]:
    """Return which formulas with a single slip give a wrong number."""
    if symbol not in calculation.formulas or answer.decimals < _TELLING:
        return []
    decimals = max(answer.decimals, calculation.exercise.decimals)
    named = {symbol: Name(symbol) for symbol in calculation.given} | calculation.symbols
    others = [f for name, f in named.items() if name != symbol and own[0][name] != 0]
    return explaining(
        calculation.formulas[symbol],
        others,
        lambda f: _is(float(answer.number), [number_of(f, n) for n in own], decimals),
    )


def _is(answer: float, candidates: Iterable[float], decimals: int) -> bool:
    """Return whether an answer is one of some numbers, rounded to its decimals."""
    half = 0.5 * 10.0**-decimals
    return any(abs(answer - x) <= half + _NOISE * max(1.0, abs(x)) for x in candidates)


def _earned(calculation: Calculation, verdicts: Mapping[str, str]) -> set[str]:
    """Return the steps that earn a mark: also those left out of which one that does is made."""
    earned: set[str] = set()
    used: set[str] = set()
    for symbol in reversed(calculation.formulas):
        verdict = verdicts[symbol]
        if verdict in ("right", "follows") or (verdict == "missing" and symbol in used):
            earned.add(symbol)
            used |= calculation.operands(symbol)
    return earned
