"""The answers of a whole class: a report for each student, marks, and the commonest mistakes."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from statistics import fmean
from typing import NamedTuple

from micrograd_vn.errors import message
from micrograd_vn.exercises.answer_table import Row, read_table
from micrograd_vn.exercises.answers import folded
from micrograd_vn.exercises.checking import Checker
from micrograd_vn.exercises.homework import Homework
from micrograd_vn.exercises.key import cell
from micrograd_vn.exercises.page import BOOKLET, Page, filled
from micrograd_vn.exercises.report import Report, Step, said_of
from micrograd_vn.exercises.slips import SLIPS, Slip
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.document import joined
from micrograd_vn.formulas.names import printable
from micrograd_vn.formulas.text import Text, number
from micrograd_vn.phrases import LANGUAGES, BilingualError, language, phrases
from micrograd_vn.readers.words import Words

__all__ = ["ClassReport", "Frequent", "Marked", "check_class"]

_LIKELY = 0.1  # a chance above which a guess is not counted as a mistake
_SHOWN = 10  # mistakes in the picture
_LONGEST = 40  # letters of a name in the summary


class Marked(NamedTuple):
    """A student with the report on the answers.

    Attributes
    ----------
    name, code
        The student, and the code of the variant.
    exercise, report
        What was answered, and the report; None if that can't be told.
    problem
        Why it can't, and what else is wrong with the row.
    """

    name: str
    code: str
    exercise: Exercise | None
    report: Report | None
    problem: str


class Frequent(NamedTuple):
    """A mistake, and how many students made it.

    Attributes
    ----------
    symbol
        At which quantity.
    slip
        The name of the slip, or ``"few digits"``; empty if nothing explains the number.
    said
        What it is, in words.
    times
        How many students made it.
    """

    symbol: str
    slip: str
    said: str
    times: int


def check_class(
    work: Exercise | Homework,
    answers: str | os.PathLike[str] | Iterable[Mapping[str, object]],
    *,
    exercise: str = "",
    lang: str | None = None,
    marks: Mapping[str, float] | None = None,
    slips: Sequence[Slip] = SLIPS,
    progress: Callable[[int], object] = lambda n: None,
) -> ClassReport:
    """Return the reports on the answers of a class.

    What can't be read of one student's answers stands in the report on them, and stops no other.

    Parameters
    ----------
    work
        The exercise that all did, or the set of homework with the variant of each: by its code,
        or by the student's name.
    answers
        A table, as `read_table` reads it.
    exercise
        Which one of the set, or how headings of the table call the exercise.
    lang, marks, slips
        As in `check`.
    progress
        Called with 1 for each student.

    Raises
    ------
    ValueError
        There is no such exercise in the set, the file is no table, or no column of it has answers
        to the exercise.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> answers = [
    ...     {"name": "Lê An", "∂L/∂h₀": "−0,1571", "∂L/∂h₁": "0,1571", "∂L/∂R": "−0,11"},
    ...     {"name": "Trần Bình", "∂L/∂h₀": "−0,1571", "∂L/∂h₁": "0,8429", "∂L/∂R": "−0,3843"},
    ... ]
    >>> print(check_class(cau3(), answers, lang="en"))
    2 students, 4.5 of 5 on average
    1 × ∂L/∂h₁: ŷ₀ instead of ŷ₁ (the wrong class)
    """
    lang = language(lang)
    if isinstance(work, Homework):
        first = work.variants[0].exercises
        if exercise not in first:
            raise ValueError(message("not in the set", work.title, repr(exercise), list(first)))
    checked = _Class(work, exercise, lang, marks, slips)
    entries = []
    for row in read_table(answers, exercise):
        entries.append(checked.marked(row))
        progress(1)
    if checked.quantities and not checked.answered:
        raise BilingualError(*[checked.said(lang) for lang in LANGUAGES])
    absent: list[str] = []
    if isinstance(work, Homework):
        codes = {entry.code for entry in entries}
        absent = [v.student for v in work.variants if v.student and v.code not in codes]
    return ClassReport(entries, list(checked.unused), lang, absent)


class _Class:
    """Checks rows of a table; what several students share is checked once."""

    def __init__(
        self,
        work: Exercise | Homework,
        exercise: str,
        lang: str,
        marks: Mapping[str, float] | None,
        slips: Sequence[Slip],
    ) -> None:
        self.work, self.exercise, self.lang = work, exercise, lang
        self.marks, self.slips = marks, slips
        self._checkers: dict[int, Checker] = {}
        self._reports: dict[tuple[int, tuple[tuple[str, str], ...]], Report] = {}
        self.unused: dict[str, None] = {}
        self.quantities: list[str] = []
        self.answered = False  # by anybody

    def marked(self, row: Row) -> Marked:
        """Return what is said of a student."""
        name, code = row.name, row.code
        try:
            made = self.work
            if isinstance(made, Homework):
                variant = made.find(row.code or row.name)
                name, code = name or variant.student, variant.code
                made = variant.exercises[self.exercise]
        except ValueError:
            said = phrases("class", self.lang)["no variant"].format(row.code or row.name)
            return Marked(row.name, row.code, None, None, said)
        key = id(made)
        if key not in self._checkers:
            self._checkers[key] = Checker(made, marks=self.marks, slips=self.slips)
        checker = self._checkers[key]
        answers = self._known(checker, row.answers)
        whole = key, tuple(answers.items())
        if whole not in self._reports:
            self._reports[whole] = checker.report(answers, self.lang, strict=False)
        return Marked(name, code, made, self._reports[whole], "")

    def _known(self, checker: Checker, answers: Mapping[str, str]) -> dict[str, str]:
        """Return the answers in columns that are headed by a quantity, and whole answers."""
        calculation = checker.calculation
        self.quantities = [*calculation.given, *calculation.formulas]
        known = {folded(s) for s in (*self.quantities, "")}
        self.unused |= {name: None for name in answers if folded(name) not in known}
        found = {name: x for name, x in answers.items() if name not in self.unused}
        self.answered = self.answered or bool(found)
        return found

    def said(self, lang: str) -> str:
        """Return what is wrong with a table that has no answers to the exercise."""
        phrase = phrases("class", lang)["nothing" if self.unused else "all empty"]
        unused = _shortened(", ".join(map(printable, self.unused)), 3 * _LONGEST)
        return phrase.format(", ".join(self.quantities), unused)


class ClassReport:
    """The reports on a class: prints as a summary, and is written as CSV, HTML, JSON and picture.

    Attributes
    ----------
    entries : list of Marked
        The students, in the order of the table.
    mistakes : list of Frequent
        The commonest first.
    unused : list of str
        The headings of columns that are no quantity of the exercise.
    absent : list of str
        The students of a set of homework of whom there is no row.
    """

    def __init__(
        self,
        entries: Sequence[Marked],
        unused: Sequence[str],
        lang: str,
        absent: Sequence[str] = (),
    ) -> None:
        self.absent = list(absent)
        self.entries, self.unused, self.lang = list(entries), list(unused), lang
        self.mistakes = self._mistakes()

    def _mistakes(self) -> list[Frequent]:
        words = Words(self.lang, "class")
        counts: Counter[tuple[str, str, str]] = Counter()
        for entry in self.entries:
            counts.update({_mistake(step, words, self.lang) for step in _wrong(entry)})
        ordered = sorted(counts.items(), key=lambda item: (-item[1], not item[0][1], item[0]))
        return [Frequent(*mistake, times) for mistake, times in ordered]

    def __str__(self) -> str:
        said = phrases("class", self.lang)
        reports = [e.report for e in self.entries if e.report is not None]
        mean = number(fmean(r.marks for r in reports)) if reports else "–"
        most = number(max((r.most for r in reports), default=0))
        lines = [said["summary"].format(len(self.entries), mean, most)]
        counts = {
            "partly read": sum(bool(report.unread) for report in reports),
            "not marked": len(self.entries) - len(reports),
        }
        lines += [said[phrase].format(n) for phrase, n in counts.items() if n]
        lines += [f"{m.times} × {m.symbol}: {m.said}" for m in self.mistakes[:_SHOWN]]
        lines += [
            f"{_shortened(printable(e.name or e.code))}: {printable('; '.join(problems))}"
            for e in self.entries
            if (problems := _problems(e, self.lang))
        ]
        for phrase, names in (("handed in nothing", self.absent), ("unused", self.unused)):
            if names:
                lines.append(said[phrase].format(", ".join(map(printable, names))))
        return "\n".join(lines)

    __repr__ = __str__

    def to_csv(self) -> str:
        """Return a row for each student: marks, the first wrong step, and the mistake there.

        Spreadsheets show it as it is: it begins with a byte order mark, and no text is taken
        for a formula.
        """
        said, words, file = phrases("class", self.lang), Words(self.lang, "class"), io.StringIO()
        table = csv.writer(file, lineterminator="\r\n")
        columns = "name", "code", "marks", "most", "first wrong", "mistake", "problem"
        table.writerow([said[column] for column in columns])
        for e in self.entries:
            marks: list[str] = ["", ""]
            first = mistake = ""
            if e.report is not None:
                marks = [f"{e.report.marks:g}", f"{e.report.most:g}"]
                if e.report.first_wrong is not None:
                    step = next(_wrong(e))
                    first, mistake = step.symbol, _mistake(step, words, self.lang)[2]
            texts = first, mistake, "; ".join(_problems(e, self.lang))
            table.writerow([cell(e.name), cell(e.code), *marks, *map(cell, texts)])
        return "\ufeff" + file.getvalue()

    def to_json(self) -> str:
        """Return the mistakes, and the reports of all students."""
        whole = {
            "mistakes": [m._asdict() for m in self.mistakes],
            "students": [
                {
                    "name": e.name,
                    "code": e.code,
                    "problem": e.problem,
                    "report": None if e.report is None else e.report.data(),
                }
                for e in self.entries
            ],
        }
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"

    def to_html(self) -> str:
        """Return a page that prints the report of each student on a sheet of its own."""
        said, articles = phrases("class", self.lang), []
        statements: dict[int, str] = {}
        for i, e in enumerate(self.entries, 1):
            who = [(said["name"], e.name), (said["code"], e.code)]
            body, title = f"<section><p>{escape(e.problem)}</p></section>", said["report"]
            if e.exercise is not None and e.report is not None:
                title = e.exercise.name[self.lang]
                if (key := id(e.exercise)) not in statements:
                    page = Page(e.exercise, self.lang, sheet=True)
                    statements[key] = page.html_part(page.sections[0])
                who.append((said["marks"], f"{number(e.report.marks)}/{number(e.report.most)}"))
                body = f"{statements[key]}\n<section>\n{e.report.to_html()}</section>"
            fields = "".join(
                f"<span>{escape(what)}: <b>{escape(x)}</b></span>\n" for what, x in who if x
            )
            articles.append(
                f'<article id="student-{i}">\n<header>\n<h1>{escape(title)}</h1>\n'
                f"<p>{fields}</p>\n</header>\n{body}\n</article>"
            )
        parts, name = "\n".join(articles), escape(said["report"])
        return filled("page.html", self.lang, name=name, style=BOOKLET, kind="reports", parts=parts)

    def plot(self, format: str = "svg") -> bytes:
        """Return a picture: how many students have which marks, and the commonest mistakes.

        Needs matplotlib: the extra ``plot``.

        Parameters
        ----------
        format
            ``"svg"``, ``"pdf"`` or ``"png"``.
        """
        from micrograd_vn.exercises.class_picture import picture

        return picture(self, format)


def _wrong(entry: Marked) -> Iterator[Step]:
    steps = [] if entry.report is None else entry.report.steps
    return (step for step in steps if step.verdict == "wrong")


def _shortened(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _problems(entry: Marked, lang: str) -> list[str]:
    """Return what is wrong with a row of the table."""
    unread = [] if entry.report is None else entry.report.unread
    return [entry.problem] * bool(entry.problem) + [error.text[lang] for error in unread]


def _mistake(step: Step, words: Words, lang: str) -> tuple[str, str, str]:
    """Return at which quantity a mistake was made, the name of the slip, and words for it."""
    if step.slips and step.slips[0].chance <= _LIKELY:
        first = step.slips[0]
        said = joined(said_of(first.slip, first.said, words, lang), str, lambda f: Text()(f))  # type: ignore[arg-type]
        return Text()(first.at), first.slip.name, said
    if step.few_digits:
        return step.symbol, "few digits", words.phrases["few digits"]
    return step.symbol, "", words.phrases["unexplained"]
