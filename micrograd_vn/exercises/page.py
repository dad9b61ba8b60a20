"""Pages of an exercise: a sheet to hand out, or the statement with its solution.

As HTML a page is one file that needs nothing else: pictures stand in it as SVG, formulas as
MathML. As LaTeX it is a document that compiles, with its pictures beside it as PDF; as Markdown
these are SVG. As text it has formulas in the place of the figure, and no other picture.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from html import escape
from string import Template
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from micrograd_vn.exercises.calculation import Calculation
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.document import Display, Document, Paragraph
from micrograd_vn.formulas.latex import latex_text
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Equation
from micrograd_vn.phrases import language, phrases

if TYPE_CHECKING:
    from micrograd_vn.readers.rendering import Diagram

__all__ = ["BOOKLET", "Page", "filled", "html", "in_words", "latex", "markdown", "text"]

_LINES = 12  # of room to write, in text
_FOLDER = pathlib.Path(__file__).parent
STYLE = (_FOLDER / "page.css").read_text("utf-8")  # of all pages
BOOKLET = STYLE + (_FOLDER / "booklet.css").read_text("utf-8")  # of those with many articles


class Section(NamedTuple):
    """A part of a page: a heading, then a text or, without one, room to write; then a picture."""

    heading: str
    text: Document | None
    picture: str | None
    caption: str = ""


class Page:
    """A page of an exercise.

    Parameters
    ----------
    exercise
        The exercise.
    lang
        ``"vi"`` or ``"en"``.
    sheet
        Whether it is a sheet: the statement with room for the answer, which is nowhere in it.
    stem
        The name of its file, without suffix: those of its pictures begin so.

    Attributes
    ----------
    pictures : dict of str to Diagram
        By the name of its file, without suffix.
    """

    def __init__(
        self,
        exercise: Exercise,
        lang: str | None = None,
        *,
        sheet: bool = False,
        stem: str = "page",
    ) -> None:
        lang = language(lang)
        self.exercise, self.lang, self.name = exercise, lang, exercise.name[lang]
        self.pictures: dict[str, Diagram] = {}
        words, figure, caption = phrases("page", lang), None, _caption(exercise, lang)
        if caption:
            figure = f"{stem}-figure"
            self.pictures[figure] = exercise.architecture(lang)
        self.sections = [Section("", exercise.statement[lang], figure, caption)]
        if sheet:
            self.sections.append(Section(words["answer"], None, None))
        else:
            diagram = f"{stem}-diagram"
            self.pictures[diagram] = exercise.draw(lang)
            self.sections.append(Section(words["solution"], exercise.explain(lang), None))
            self.sections.append(Section(words["diagram"], Document([]), diagram))

    def html(self) -> str:
        """Return the page as HTML."""
        name = escape(self.name)
        parts = f"<h1>{name}</h1>\n{self.html_parts()}"
        return filled("page.html", self.lang, name=name, kind="page", style=STYLE, parts=parts)

    def html_parts(self, heading: str = "h2") -> str:
        """Return what is below the name of the exercise, with headings of a level."""
        return "\n".join([self.html_part(section, heading) for section in self.sections])

    def html_part(self, section: Section, heading: str = "h2") -> str:
        """Return a section with its picture."""
        from micrograd_vn.readers.rendering import legible

        title, text, picture, caption = section
        written = '<div class="room"></div>' if text is None else text.to_html().strip()
        if picture is not None:
            svg = legible(self.pictures[picture].pipe(format="svg"))
            said = f"\n<figcaption>{escape(caption)}</figcaption>" if caption else ""
            written += f"\n<figure>\n{svg}{said}\n</figure>"
        above = f"<{heading}>{escape(title)}</{heading}>\n" if title else ""
        return f"<section>\n{above}{written}\n</section>"

    def latex(self) -> str:
        """Return the page as a LaTeX document."""
        name, parts = latex_text(self.name), self.latex_parts()
        return filled("page.tex", self.lang, height="44mm", name=name, parts=parts)

    def markdown(self) -> str:
        """Return the page as Markdown, with formulas between dollar signs."""
        parts = [f"# {escape(self.name, quote=False)}"]
        for heading, text, picture, caption in self.sections:
            parts += [f"## {escape(heading, quote=False)}"] if heading else []
            parts.append("<br>" * _LINES if text is None else text.to_markdown().strip())
            if picture is not None:
                said = escape(caption or heading, quote=False)
                parts.append(f"![{said}]({quote(picture)}.svg)")
                parts += [f"*{said}*"] if caption else []
        return "\n\n".join(filter(None, parts)) + "\n"

    def text(self) -> str:
        """Return the page as plain text, with formulas in the place of the figure."""
        parts = [self.name]
        for heading, text, picture, caption in self.sections:
            if text is None:
                parts += [heading, "\n" * _LINES]
            elif text.blocks or picture is None:
                parts += [heading, str(text).strip()]
            if caption:
                parts.append(str(in_words(self.exercise, self.lang)).strip())
        return "\n\n".join(filter(None, parts)) + "\n"

    def latex_parts(
        self,
        room: str = "\\vspace{12cm}",
        inserted: Callable[[str], str] = lambda picture: f"\\insertpicture{{{picture}.pdf}}",
    ) -> str:
        """Return what is below the name of the exercise.

        Parameters
        ----------
        room
            What leaves room to write.
        inserted
            What inserts a picture; its caption follows.
        """
        parts = []
        for title, text, picture, caption in self.sections:
            if title:
                parts.append(f"\\subsection*{{{latex_text(title)}}}")
            parts.append(room if text is None else text.to_latex().rstrip())
            if picture is not None:
                parts.append(f"{inserted(picture)}{{{latex_text(caption)}}}")
        return "\n".join(parts)


def in_words(exercise: Exercise, lang: str) -> Document:
    """Return what stands for the figure of an exercise in text: its formulas, but for the loss.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> print(in_words(cau3(), "en"))
    Figure 1: Architecture of the network
    <BLANKLINE>
        h₀ = w₂·R
        h₁ = w₂′·R
    <BLANKLINE>
    """
    calculation, found = Calculation(exercise), exercise.expression.found
    equations = [
        Equation(calculation.symbols[label], calculation.formulas[label])
        for label, v in exercise.nodes.items()
        if label in calculation.formulas and label != Text()(exercise.asked.of) and v not in found
    ]
    lines = tuple((equation, ()) for equation in equations)
    return Document([Paragraph((_caption(exercise, lang),)), Display(lines)])


def _caption(exercise: Exercise, lang: str) -> str:
    """Return what stands below the figure that the statement speaks of, if it has one."""
    number = exercise.definition.figure
    return "" if number is None else phrases("page", lang)["architecture"].format(number)


def filled(file: str, lang: str, **parts: str) -> str:
    """Return a template of this folder with its gaps filled; all of LaTeX begin alike."""
    template, begin = ((_FOLDER / name).read_text("utf-8") for name in (file, "preamble.tex"))
    return Template(template.replace("$preamble", begin)).substitute(lang=lang, **parts)


def html(exercise: Exercise, lang: str | None = None, *, sheet: bool = False) -> str:
    """Return an exercise as HTML: with its solution, or as a sheet to hand out.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> "Theo quy tắc chuỗi" in html(cau3()), "Theo quy tắc chuỗi" in html(cau3(), sheet=True)
    (True, False)
    """
    return Page(exercise, lang, sheet=sheet).html()


def latex(exercise: Exercise, lang: str | None = None, *, sheet: bool = False) -> str:
    """Return an exercise as a LaTeX document, without the files of its pictures."""
    return Page(exercise, lang, sheet=sheet).latex()


def markdown(exercise: Exercise, lang: str | None = None, *, sheet: bool = False) -> str:
    """Return an exercise as Markdown, without the files of its pictures.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> print(markdown(cau3(), sheet=True).splitlines()[0])
    # Câu 3
    """
    return Page(exercise, lang, sheet=sheet).markdown()


def text(exercise: Exercise, lang: str | None = None, *, sheet: bool = False) -> str:
    """Return an exercise as plain text.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau4
    >>> print(text(cau4(), "en").splitlines()[-1])
    Result: ∂L/∂R ≈ −0.11 (rounded to 2 decimals)
    """
    return Page(exercise, lang, sheet=sheet).text()
