"""Pages of an exercise: a sheet to hand out, or the statement with its solution.

As HTML a page is one file that needs nothing else: pictures stand in it as SVG, formulas as
MathML. As LaTeX it is a document that compiles, with its pictures beside it as PDF.
"""

from __future__ import annotations

import pathlib
from html import escape
from string import Template
from typing import NamedTuple

from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.document import Document
from micrograd_vn.formulas.latex import latex_text
from micrograd_vn.formulas.phrases import language, phrases
from micrograd_vn.readers.rendering import Diagram

__all__ = ["Page", "html", "latex"]


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
        self.lang, self.name = lang, exercise.name[lang]
        self.pictures: dict[str, Diagram] = {}
        words, figure, number = phrases("page", lang), None, exercise.definition.figure
        if number is not None:
            figure = f"{stem}-figure"
            self.pictures[figure] = exercise.architecture(lang)
        statement, caption = exercise.statement[lang], words["architecture"].format(number)
        self.sections = [Section("", statement, figure, caption)]
        if sheet:
            self.sections.append(Section(words["answer"], None, None))
        else:
            diagram = f"{stem}-diagram"
            self.pictures[diagram] = exercise.draw(lang)
            self.sections.append(Section(words["solution"], exercise.explain(lang), None))
            self.sections.append(Section(words["diagram"], Document([]), diagram))

    def html(self) -> str:
        """Return the page as HTML."""
        parts = []
        for heading, text, picture, caption in self.sections:
            written = '<div class="room"></div>' if text is None else text.to_html().strip()
            if picture is not None:
                svg = self.pictures[picture].pipe(format="svg", encoding="utf-8")
                said = f"\n<figcaption>{escape(caption)}</figcaption>" if caption else ""
                written += f"\n<figure>\n{svg[svg.index('<svg') :].strip()}{said}\n</figure>"
            title = f"<h2>{escape(heading)}</h2>\n" if heading else ""
            parts.append(f"<section>\n{title}{written}\n</section>")
        return self._filled("page.html", name=escape(self.name), parts="\n".join(parts))

    def latex(self) -> str:
        """Return the page as a LaTeX document."""
        parts = []
        for heading, text, picture, caption in self.sections:
            if heading:
                parts.append(f"\\subsection*{{{latex_text(heading)}}}")
            parts.append("\\vspace{12cm}" if text is None else text.to_latex().rstrip())
            if picture is not None:
                parts.append(f"\\insertpicture{{{picture}.pdf}}{{{latex_text(caption)}}}")
        return self._filled("page.tex", name=latex_text(self.name), parts="\n".join(parts))

    def _filled(self, file: str, **parts: str) -> str:
        """Return a template of this folder with its gaps filled."""
        template = Template(pathlib.Path(__file__).with_name(file).read_text("utf-8"))
        return template.substitute(lang=self.lang, **parts)


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
