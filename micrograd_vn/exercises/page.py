"""Pages of an exercise: a sheet to hand out, or the statement with its solution.

As HTML a page is one file that needs nothing else: pictures stand in it as SVG, formulas as
MathML. As LaTeX it is a document that compiles, with its pictures beside it as PDF.
"""

from __future__ import annotations

import html
import pathlib
from string import Template

from micrograd_vn.exercises.definition import Exercise
from micrograd_vn.formulas.latex import latex_text
from micrograd_vn.formulas.phrases import phrases
from micrograd_vn.readers.diagram import Diagram

__all__ = ["Page"]


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

    def __init__(self, exercise: Exercise, lang: str, *, sheet: bool, stem: str) -> None:
        self.exercise, self.lang, self.sheet, self.stem = exercise, lang, sheet, stem
        self.words = phrases("page", lang)
        self.pictures: dict[str, Diagram] = {}
        if not sheet:
            self.pictures[f"{stem}-diagram"] = exercise.draw(lang)

    def html(self) -> str:
        """Return the page as HTML."""
        title, parts = html.escape(self.exercise.name[self.lang]), []
        if self.sheet:
            parts.append(f'<h2>{self.words["answer"]}</h2>\n<div class="room"></div>')
        else:
            solution = self.exercise.explain(self.lang).to_html()
            parts.append(f"<h2>{self.words['solution']}</h2>\n{solution}")
        for picture in self.pictures.values():
            svg = picture.pipe(format="svg", encoding="utf-8")
            drawn = svg[svg.index("<svg") :].strip()
            parts.append(f"<h2>{self.words['diagram']}</h2>\n<figure>\n{drawn}\n</figure>")
        statement = self.exercise.statement[self.lang].to_html()
        return self._filled("page.html", name=title, statement=statement, parts="\n".join(parts))

    def latex(self) -> str:
        """Return the page as a LaTeX document."""
        parts = []
        if self.sheet:
            parts.append(f"\\subsection*{{{self.words['answer']}}}\n\\vspace{{12cm}}")
        else:
            solution = self.exercise.explain(self.lang).to_latex()
            parts.append(f"\\subsection*{{{self.words['solution']}}}\n{solution}")
        for file in self.pictures:
            parts.append(f"\\subsection*{{{self.words['diagram']}}}\n\\picture{{{file}.pdf}}")
        return self._filled(
            "page.tex",
            name=latex_text(self.exercise.name[self.lang]),
            statement=self.exercise.statement[self.lang].to_latex(),
            parts="\n".join(parts),
        )

    def _filled(self, file: str, **parts: str) -> str:
        """Return a template of this folder with its gaps filled."""
        template = Template(pathlib.Path(__file__).with_name(file).read_text("utf-8"))
        return template.substitute(lang=self.lang, **parts)
