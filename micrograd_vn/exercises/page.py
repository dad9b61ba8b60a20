"""One page for an exercise: its statement, its worked solution and its diagram.

As HTML it is one file that needs nothing else: the diagram stands in it as SVG, the
formulas as MathML. As LaTeX it is a document that compiles.
"""

from __future__ import annotations

import html as html_
import pathlib
from string import Template

from micrograd_vn.exercises import Exercise
from micrograd_vn.formulas.document import Document, Paragraph
from micrograd_vn.formulas.latex import latex_text
from micrograd_vn.formulas.phrases import phrases

__all__ = ["html", "latex"]


def html(exercise: Exercise, lang: str = "vi") -> str:
    """Return the page as HTML."""
    picture = exercise.draw().pipe(format="svg", encoding="utf-8")
    return _filled(
        "page.html",
        lang=lang,
        name=html_.escape(exercise.name),
        statement=_statement(exercise, lang).to_html(),
        solution=exercise.explain(lang).to_html(),
        diagram=picture[picture.index("<svg") :].strip(),
    )


def latex(exercise: Exercise, lang: str = "vi") -> str:
    """Return the page as a LaTeX document, without the diagram."""
    return _filled(
        "page.tex",
        lang=lang,
        name=latex_text(exercise.name),
        statement=_statement(exercise, lang).to_latex(),
        solution=exercise.explain(lang).to_latex(),
    )


def _filled(file: str, lang: str, **parts: str) -> str:
    """Return a template of this folder with its gaps filled."""
    template = Template(pathlib.Path(__file__).with_name(file).read_text("utf-8"))
    headings = {f"{word}_heading": said for word, said in phrases("page", lang).items()}
    return template.substitute(lang=lang, **parts, **headings)


def _statement(exercise: Exercise, lang: str) -> Document:
    """Return the statement; words alone are a paragraph a line, with a hyphen a bullet."""
    statement = exercise.statement[lang]
    if isinstance(statement, Document):
        return statement
    return Document(
        [
            Paragraph((line.removeprefix("- "),), bullet=line.startswith("- "))
            for line in statement.splitlines()
        ]
    )
