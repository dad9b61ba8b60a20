"""Answers as students write them: numbers by quantity, or a line of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from micrograd_vn.exercises.calculation import DIGITS, Calculation
from micrograd_vn.formulas.tree import Formula, Number
from micrograd_vn.phrases import BilingualError

__all__ = ["Answer", "AnswerError", "folded", "read_answers"]

MOST_DECIMALS = 12  # what a float has beyond them is noise
_SIGNS = str.maketrans({"−": "-", "–": "-", ",": "."})
_LARGEST = 30  # power of ten of a number that is an answer
_BETWEEN = re.compile(
    r"[;\n]|,\s+(?=∂|[^\W\d])"
)  # a comma is one of a decimal, unless a name follows
_KEYBOARD = str.maketrans(
    {"\u0302": "hat", "\u0304": "bar", "^": "hat", "∂": "d", "′": "'", "_": ""}
)
_SHOWN = 60  # characters of what can't be read that are repeated


class Answer(NamedTuple):
    """A number, the formula that it was given as, and the decimals that it is judged to."""

    number: Decimal
    formula: Formula
    decimals: int


class AnswerError(BilingualError):
    """An answer that can't be read.

    Attributes
    ----------
    text : dict of str to str
        The message by language, ``"vi"`` and ``"en"``.
    """

    before = "check: "


def _written(what: object) -> str:
    """Return what was written, shortened."""
    text = repr(what)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def read_answers(
    calculation: Calculation, answers: Mapping[str, float | str] | str
) -> tuple[dict[str, Answer], list[AnswerError]]:
    """Return the answers by what the exercise calls the quantities, and what can't be read.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> found, unread = read_answers(Calculation(cau3()), "dL/dh0 = −0,16; ∂L/∂h₁ = hai; q = 1")
    >>> [(symbol, str(answer.number)) for symbol, answer in found.items()]
    [('∂L/∂h₀', '-0.16')]
    >>> [error.text["en"].split(";")[0] for error in unread]
    ["∂L/∂h₁ = ' hai': not a number", "there is no 'q' here"]
    """
    known = [*calculation.given, *calculation.formulas]
    names = {folded(symbol): symbol for symbol in known} | {symbol: symbol for symbol in known}
    found: dict[str, Answer] = {}
    unread: list[AnswerError] = []
    asked = calculation.exercise.question
    for pair in _pairs({"": answers} if isinstance(answers, str) else answers, asked):
        if isinstance(pair, AnswerError):
            unread.append(pair)
            continue
        name, said = pair
        symbol = names.get(name, names.get(folded(name)))
        if symbol is None:
            unread.append(AnswerError.saying("answer", "no such", _written(name), ", ".join(known)))
        elif symbol in found:
            unread.append(AnswerError.saying("answer", "twice", symbol))
        else:
            try:
                found[symbol] = _read(symbol, said)
            except AnswerError as error:
                unread.append(error)
    return found, unread


def _pairs(
    answers: Mapping[str, float | str], asked: str
) -> Iterator[tuple[str, float | str] | AnswerError]:
    """Yield quantity and number of each answer; of a text without a quantity, of all in it.

    A number alone answers what is asked.
    """
    for quantity, said in answers.items():
        if quantity:
            yield quantity, said
            continue
        for written in filter(str.strip, _BETWEEN.split(str(said))):
            part = written.strip().removeprefix("≈").replace("≈", "=")
            name, *_, number = part.split("=") if "=" in part else ("", part)
            if "=" not in part and part.strip()[0] in "+-−–.,0123456789":
                name = asked
            if name.strip():
                yield name.strip(), number
            else:
                yield AnswerError.saying("answer", "no equation", _written(part.strip()))


def folded(name: str) -> str:
    """Return a name without what a keyboard may lack: ∂L/∂h₀ is dL/dh0, and ŷ₀ is yhat0.

    Examples
    --------
    >>> {folded(name) for name in ("ŷ₀", "yhat0", "y_hat_0", "y^0")}
    {'yhat0'}
    """
    return unicodedata.normalize("NFKD", "".join(name.split())).translate(_KEYBOARD)


def _read(symbol: str, said: float | str) -> Answer:
    """Return the number that was answered."""
    written = str(said).strip().translate(_SIGNS).replace("- ", "-").removesuffix(".")
    try:
        above, *below = map(Decimal, written.split("/"))
        number = above / below[0] if below else above
    except ArithmeticError:
        number, below = Decimal("nan"), []
    exponent = number.as_tuple().exponent
    usual = isinstance(exponent, int) and -_LARGEST <= exponent <= number.adjusted() <= _LARGEST
    if len(below) > 1 or not usual:
        raise AnswerError.saying("answer", "not a number", symbol, _written(said))
    assert isinstance(exponent, int)
    if below:
        return Answer(number, Number(above) / Number(below[0]), DIGITS)
    return Answer(number, Number(number), min(-exponent, MOST_DECIMALS))
