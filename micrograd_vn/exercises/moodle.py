"""Quizzes for Moodle: exercises as questions in its format Moodle XML.

What Moodle shows of a question is HTML. Formulas in it are MathML, which browsers show by
themselves; TeX would need Moodle's filter MathJax, which loads its script from the internet.
Pictures are files of SVG in the question.
"""

from __future__ import annotations

import base64
import html
import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_UP, Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from micrograd_vn.errors import message
from micrograd_vn.exercises.calculation import DIGITS, Calculation
from micrograd_vn.exercises.mistakes import Mistake, mistakes
from micrograd_vn.exercises.report import said_of
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.files import write
from micrograd_vn.formulas.document import Document, Paragraph, math
from micrograd_vn.formulas.mathml import MathML
from micrograd_vn.formulas.names import printable
from micrograd_vn.formulas.tree import Equation, Number, to_decimals
from micrograd_vn.phrases import decimals_key, language, phrases
from micrograd_vn.readers.words import Words

if TYPE_CHECKING:
    from micrograd_vn.exercises.definition import Definition
    from micrograd_vn.readers.rendering import Diagram

__all__ = ["KINDS", "Quiz", "quiz"]

_WRONG_OPTIONS = 4
_KNOWN_MISTAKES = 6  # that a field of a cloze tells apart
_MORE_DECIMALS = 2  # of a number on the way, than of the answer; it is judged to one less


class Quiz:
    """Questions for Moodle.

    Attributes
    ----------
    xml : str
        The questions as Moodle XML.
    """

    def __init__(self, xml: str) -> None:
        self.xml = xml

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the questions as a file, such as ``cau3.xml``."""
        write(path, self.xml)


def quiz(
    exercises: Iterable[Exercise],
    kind: str = "cloze",
    *,
    asked: Sequence[str] | None = None,
    codes: Iterable[str] = (),
    category: str = "micrograd_vn",
    lang: str | None = None,
    progress: Callable[[int], object] = lambda n: None,
) -> Quiz:
    """Return exercises as questions for Moodle, a category for each definition.

    In Moodle: Question bank, Import, Moodle XML format. A quiz with a random question of a
    category gives each student another variant.

    Parameters
    ----------
    exercises
        Such as those that `variants` returns.
    kind
        ``"cloze"``: a field for each number on the way and for the answer, each with a mark of
        its own; or ``"multichoice"``: the answer among those that typical mistakes give.
    asked
        For a cloze: the quantities that are asked for; those that the answer needs, unless given.
    codes
        What the name of each question ends with; numbers from 1, unless given.
    category
        In which category of the course the categories are, such as ``"Chương 2/Bài tập"``.
    lang
        ``"vi"`` or ``"en"``.
    progress
        Called with 1 after each question.

    Raises
    ------
    ValueError
        There is no such kind, an exercise has no such quantity, or too few mistakes change its
        answer.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3, variants
    >>> made = quiz(variants(cau3, 2, seed=7))
    >>> made.xml.count('<question type="cloze">')
    2
    """
    if kind not in KINDS:
        raise ValueError(message("quiz kind", ", ".join(KINDS), repr(kind)))
    lang = language(lang)
    by_definition: dict[Definition[Any], list[tuple[Exercise, str]]] = {}
    codes = iter(codes)
    for exercise in exercises:
        by_definition.setdefault(exercise.definition, []).append((exercise, next(codes, "")))
    root = ET.Element("quiz")
    for definition, group in by_definition.items():
        name = printable(definition.name[lang])
        question = ET.SubElement(root, "question", type="category")
        above = filter(str.strip, printable(category).split("/"))
        path = ["$course$", "top", *above, name.replace("/", "//")]
        _text(question, "category", " / ".join(path))
        for i, (exercise, code) in enumerate(group, 1):
            question = ET.SubElement(root, "question", type=kind)
            _text(question, "name", f"{name} ({code or format(i, f'0{len(str(len(group)))}')})")
            KINDS[kind](_Maker(exercise, lang, asked), question)
            tags = ET.SubElement(question, "tags")
            _text(tags, "tag", definition.build.__name__)
            progress(1)
    ET.indent(root)
    return Quiz('<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n")


class _Maker:
    """Makes a question of an exercise."""

    def __init__(self, exercise: Exercise, lang: str, asked: Sequence[str] | None) -> None:
        self.exercise, self.lang, self.words = exercise, lang, Words(lang, "quiz")
        self.calculation = calculation = Calculation(exercise)
        self.asked = calculation.leading_to(exercise.question) if asked is None else asked
        if unknown := [symbol for symbol in self.asked if symbol not in calculation.formulas]:
            there_are = ", ".join(calculation.formulas)
            raise ValueError(message("not to ask for", repr(unknown[0]), there_are))
        self.exact, self.by_hand = (calculation.numbers({}, n) for n in (None, DIGITS))

    def cloze(self, question: ET.Element) -> None:
        """Fill a question with fields for numbers."""
        fields = [self._field(symbol) for symbol in self.asked]
        fill = Document([self.words.paragraph("fill")]).to_html()
        self._statement(question, fill + "\n".join(fields))
        self._solution(question)

    def multichoice(self, question: ET.Element) -> None:
        """Fill a question with the answer and with wrong ones."""
        exercise = self.exercise
        found = mistakes(self.calculation, exercise.question, exercise.decimals)
        wrong = list(islice(found, _WRONG_OPTIONS))
        if len(wrong) < 2:
            raise ValueError(message("too few mistakes", exercise.name[self.lang]))
        self._statement(question)
        self._solution(question)
        for tag, said in (
            ("defaultgrade", "1"), ("single", "true"), ("shuffleanswers", "true"),
            ("answernumbering", "abc"), ("showstandardinstruction", "0"),
        ):  # fmt: skip
            ET.SubElement(question, tag).text = said
        right = to_decimals(exercise.answer, exercise.decimals)
        self._option(question, "100", right, self.words.paragraph("right"))
        for mistake in wrong:
            self._option(question, "0", mistake.number, self._said(mistake))

    def _statement(self, question: ET.Element, more: str = "") -> None:
        statement = _outside_field(self.exercise.statement[self.lang].to_html())
        pictures, number = {}, self.exercise.definition.figure
        if number is not None:
            caption = phrases("page", self.lang)["architecture"].format(number)
            pictures["figure.svg"] = self.exercise.architecture(self.lang)
            statement += _picture("figure.svg", caption)
        _text(question, "questiontext", statement + more, pictures)

    def _solution(self, question: ET.Element) -> None:
        title = phrases("page", self.lang)["diagram"]
        written = self.exercise.explain(self.lang).to_html() + _picture("diagram.svg", title)
        pictures = {"diagram.svg": self.exercise.draw(self.lang)}
        _text(question, "generalfeedback", written, pictures)

    def _option(
        self, question: ET.Element, fraction: str, number: Number, feedback: Paragraph
    ) -> None:
        answer = _text(question, "answer", Document([Paragraph((number,))]).to_html())
        answer.set("fraction", fraction)
        _text(answer, "feedback", Document([feedback]).to_html())

    def _field(self, symbol: str) -> str:
        """Return a quantity with a field for its number, as a paragraph."""
        exercise = self.exercise
        asked = judged = exercise.decimals
        if symbol != exercise.question:
            asked, judged = asked + _MORE_DECIMALS, judged + _MORE_DECIMALS - 1
        key, half = to_decimals(self.exact[symbol], asked).shown, Decimal(5).scaleb(-judged - 1)
        by_hand = self.by_hand[symbol]
        may_be = [*map(Decimal, (self.exact[symbol], by_hand)), to_decimals(by_hand, asked).shown]
        tolerance = max(half, *(abs(x - key) for x in may_be)).quantize(half / 100, ROUND_UP)
        alternatives = [f"={key:f}:{tolerance:f}"]
        for mistake in islice(mistakes(self.calculation, symbol, judged), _KNOWN_MISTAKES):
            said = _in_field(str(Document([self._said(mistake)])).strip())
            alternatives.append(f"%0%{mistake.number.shown:f}:{half:f}#{said}")
        remark = phrases("solution", self.lang)[decimals_key(asked)].format(asked)
        field = f"{{1:NUMERICAL:{'~'.join(alternatives)}}}"
        quantity = _outside_field(MathML()(self.calculation.symbols[symbol]))
        large = math(f'<mstyle displaystyle="true">{quantity}</mstyle>')
        return f"<p>{large} = {field}{html.escape(remark)}</p>"

    def _said(self, mistake: Mistake) -> Paragraph:
        """Return how one comes by a wrong number."""
        symbol = self.calculation.symbols[mistake.symbol]
        right = self.calculation.formulas[mistake.symbol]
        said = said_of(mistake.slip, mistake.change.said, self.words, self.lang)
        wrong, meant = Equation(symbol, mistake.change.now), Equation(symbol, right)
        return self.words.paragraph("mistake", wrong, said, meant)


def _text(
    parent: ET.Element, tag: str, text: str, pictures: Mapping[str, Diagram] | None = None
) -> ET.Element:
    """Add an element with a text, which is HTML if it may have pictures."""
    element = ET.SubElement(parent, tag)
    ET.SubElement(element, "text").text = text
    for name, picture in (pictures or {}).items():
        file = ET.SubElement(element, "file", name=name, path="/", encoding="base64")
        file.text = base64.b64encode(picture.pipe("svg")).decode()
    return element


def _picture(file: str, caption: str) -> str:
    """Return a picture that is a file of the question, as HTML."""
    said = html.escape(caption)
    image = f'<img src="@@PLUGINFILE@@/{file}" alt="{said}" class="img-fluid"/>'
    return f"<p>{image}</p>\n<p>{said}</p>\n"


def _outside_field(written: str) -> str:
    """Return HTML in which Moodle sees no field of a cloze."""
    return written.replace("{", "&#123;")


def _in_field(words: str) -> str:
    """Return words as feedback in a field of a cloze: Moodle takes them for HTML, escaped."""
    written = html.escape(html.escape(words))
    return "".join(f"&#{ord(c)};" if c in "{}~\\" else c for c in written)


KINDS: dict[str, Callable[[_Maker, ET.Element], None]] = {
    "cloze": _Maker.cloze, "multichoice": _Maker.multichoice,
}  # fmt: skip
