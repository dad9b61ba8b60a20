"""What is said of a student's answers: what is right, what is wrong, and what happened there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import NamedTuple

from micrograd_vn.exercises.answers import MOST_DECIMALS, Answer, AnswerError
from micrograd_vn.exercises.calculation import DIGITS, Calculation
from micrograd_vn.exercises.changes import Said
from micrograd_vn.exercises.diagnosis import Diagnosis, is_rounded
from micrograd_vn.exercises.slips import Slip
from micrograd_vn.formulas.document import Block, Document, Paragraph, Part
from micrograd_vn.formulas.text import Text, number
from micrograd_vn.formulas.tree import Equation, Name, Number, rounded
from micrograd_vn.readers.numbers import equals, shown
from micrograd_vn.readers.words import Words, filled

__all__ = ["Report", "Step", "said_of"]


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
        Whether it earns its points; None if there are none for it.
    points
        How many it may earn.
    slips
        If it is wrong: the single slips that give the number that was written, from the
        student's own earlier numbers.
    few_digits
        Whether it is wrong for no other reason than that it has too few decimals.
    """

    symbol: str
    verdict: str
    answer: Decimal | None
    own: float
    exact: float
    mark: bool | None
    points: float
    slips: Sequence[Diagnosis]
    few_digits: bool = False


class Report(Document):
    """What is right and what is wrong: prints as text, and is written as HTML, LaTeX and JSON.

    Attributes
    ----------
    steps : list of Step
        What is restated of the givens, then all quantities in the order of the calculation.
    first_wrong : str or None
        The symbol of the first wrong step.
    marks, most : float
        The points of the steps that earn them: which are right, or follow from earlier
        numbers, or are left out but a step computed from them earns its own.
    unread : list of AnswerError
        What could not be read, where the rest was checked all the same.
    """

    def __init__(
        self,
        calculation: Calculation,
        answers: Mapping[str, Answer],
        steps: Iterable[Step],
        unread: Iterable[AnswerError],
        lang: str,
    ) -> None:
        decimals = calculation.exercise.decimals
        self.steps = [
            s._replace(slips=[], few_digits=True) if _lacks_digits(s, decimals) else s
            for s in steps
        ]
        self.unread, self.lang = list(unread), lang
        self.first_wrong = next((s.symbol for s in self.steps if s.verdict == "wrong"), None)
        self.marks = _whole(sum(s.points for s in self.steps if s.mark))
        self.most = _whole(sum(s.points for s in self.steps))
        super().__init__(self._lines(calculation, answers, Words(lang, "check")))

    def _lines(
        self, calculation: Calculation, answers: Mapping[str, Answer], words: Words
    ) -> Iterator[Block]:
        symbols = {symbol: Name(symbol) for symbol in calculation.given} | calculation.symbols
        for step in self.steps:
            if step.symbol not in answers:
                continue
            phrase = step.verdict
            gaps: list[Part] = [Equation(symbols[step.symbol], answers[step.symbol].formula)]
            if step.few_digits:
                phrase = "few digits"
                gaps.append(str(calculation.exercise.decimals))
            elif phrase == "wrong":
                phrase, instead = _correction(step, calculation)
                gaps.append(instead)
            sources = calculation.formulas.keys() | answers.keys()
            first = phrase == "wrong" and not calculation.operands(step.symbol) & sources
            parts = words.said("wrong at once" if first else phrase, *gaps)
            if phrase == "wrong":
                parts += tuple(_explained(step.slips, words, self.lang))
            yield Paragraph(parts, bullet=True)
        for error in self.unread:
            yield words.paragraph("unread", error.text[self.lang])
        left_out = [symbols[s.symbol] for s in self.steps if s.mark is False and s.answer is None]
        if left_out:
            yield words.paragraph("missing", words.listed(left_out))
        if self.first_wrong is not None:
            yield words.paragraph("first wrong", symbols[self.first_wrong])
        yield words.paragraph("marks", number(self.marks), number(self.most))

    def to_json(self) -> str:
        """Return the report as JSON, with the digits of each answer as they were given."""
        return json.dumps(self.data(), ensure_ascii=False, indent=1) + "\n"

    def data(self) -> dict[str, object]:
        """Return what the report says as numbers and texts, for programs."""
        steps = [
            {
                "symbol": s.symbol,
                "verdict": s.verdict,
                "answer": None if s.answer is None else str(s.answer),
                "own": float(rounded(s.own, MOST_DECIMALS)) if isfinite(s.own) else None,
                "exact": float(rounded(s.exact, MOST_DECIMALS)),
                "mark": s.mark,
                "points": s.points,
                "few_digits": s.few_digits,
                "slips": [
                    {
                        "name": d.slip.name,
                        "at": Text()(d.at),
                        "formula": Text()(d.formula),
                        "chance": float(f"{d.chance:.2g}"),
                    }
                    for d in s.slips
                ],
            }
            for s in self.steps
        ]
        return {
            "first_wrong": self.first_wrong,
            "marks": self.marks,
            "most": self.most,
            "unread": [error.text[self.lang] for error in self.unread],
            "steps": steps,
        }


def _lacks_digits(step: Step, decimals: int) -> bool:
    """Return whether a number is wrong for no other reason than that it has too few decimals."""
    if step.verdict != "wrong" or step.answer is None:
        return False
    exponent = step.answer.as_tuple().exponent
    assert isinstance(exponent, int)
    given = max(0, -exponent)
    return given < decimals and any(
        is_rounded(float(step.answer), x, given) for x in (step.own, step.exact)
    )


def _correction(step: Step, calculation: Calculation) -> tuple[str, Part]:
    """Return what is said of a wrong number, and what stands there instead."""
    formula = calculation.formulas.get(step.symbol)
    given_digits = len(step.answer.as_tuple().digits) if step.answer is not None else 0
    number = rounded(step.own, min(max(DIGITS + 1, given_digits), MOST_DECIMALS))
    if formula is None:
        node = calculation.exercise.nodes.get(step.symbol)
        return "miscopied", number if node is None else shown(node, DIGITS)
    if not isfinite(step.own):
        return "undefined", formula
    if isinstance(formula, Number):
        return "wrong", number
    return "wrong", Equation(formula, number, sign=equals(number, step.own))


def _explained(slips: Sequence[Diagnosis], words: Words, lang: str) -> Iterator[Part]:
    """Yield what is said of the slips that give a number: each with its formula and numbers."""
    if not slips:
        yield from words.said("no slip")
        return
    begun = ""
    for diagnosis in slips:
        equations: list[Part] = list(diagnosis.equations)
        shown = equations if len(equations) == 1 else words.said("left out", *equations)
        phrase = "guess" if diagnosis.is_guess else "slip"
        yield from words.said(
            "other" if phrase == begun else phrase,
            shown,
            said_of(diagnosis.slip, diagnosis.said, words, lang),
        )
        begun = phrase
    chance = max(diagnosis.chance for diagnosis in slips)
    if begun == "guess":
        share = number(100 * chance, 1 if chance < 0.1 else 2)
        yield from words.said("chance", words.said("percent", share))


def said_of(slip: Slip, said: Sequence[Said], words: Words, lang: str) -> tuple[Part, ...]:
    """Return a slip in words."""
    gaps = [words.listed(gap) if isinstance(gap, tuple) else gap for gap in said]
    return filled(slip.said[lang], *gaps)


def _whole(x: float) -> float:
    """Return a number without what binary fractions leave, as an integer if it is one."""
    near = round(x, MOST_DECIMALS)
    return int(near) if near == int(near) else near
