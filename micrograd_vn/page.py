"""One page for an exercise: its statement, its worked solution and its diagram.

As HTML it is one file that needs nothing else: the diagram stands in it as SVG, the
formulas as MathML. As LaTeX it is a document that compiles.
"""

from __future__ import annotations

import html as html_
import re
from collections.abc import Callable

from micrograd_vn.exercises import Exercise
from micrograd_vn.notation import latex_sentence

__all__ = ["html", "latex"]

_HEADINGS = {
    "vi": {"solution": "Giải", "diagram": "Đồ thị tính toán"},
    "en": {"solution": "Solution", "diagram": "Computational graph"},
}

_HTML = """\
<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1f2933;
  font: 1.1rem/1.6 system-ui, "Segoe UI", "Noto Sans", sans-serif; }}
math {{ font-size: 1.1em; }}
math[display="block"] {{ margin: 0.9rem 0; padding: 0.2rem 0; overflow-x: auto;
  overflow-y: hidden; }}
.statement {{ padding: 0.2rem 1.2rem; background: #eef4fb; border-radius: 8px; }}
figure {{ margin: 1rem 0; overflow-x: auto; background: white; }}
figure svg {{ min-width: 44rem; width: 100%; height: auto; }}
</style>
</head>
<body>
<h1>{name}</h1>
<div class="statement">
{statement}
</div>
<h2>{solution_heading}</h2>
{solution}
<h2>{diagram_heading}</h2>
<figure>
{diagram}
</figure>
</body>
</html>
"""

_LATEX = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T5]{fontenc}
\usepackage{amsmath}
\begin{document}
\section*{NAME}
STATEMENT

\subsection*{HEADING}
SOLUTION\end{document}
"""


def html(exercise: Exercise, lang: str = "vi") -> str:
    """Return the page as HTML.

    Raises
    ------
    ImportError
        The package latex2mathml, which comes with the extra ``html``, is not installed.
    """
    solution = exercise.explain(lang).to_html()
    picture = exercise.draw().pipe(format="svg", encoding="utf-8")
    return _HTML.format(
        lang=lang,
        name=html_.escape(exercise.name),
        statement=_listed(
            exercise.statement[lang], "<p>{}</p>", "<ul>", "<li>{}</li>", "</ul>", html_.escape
        ),
        solution_heading=_HEADINGS[lang]["solution"],
        solution=solution,
        diagram_heading=_HEADINGS[lang]["diagram"],
        diagram=picture[picture.index("<svg") :].strip(),
    )


def latex(exercise: Exercise, lang: str = "vi") -> str:
    """Return the page as a LaTeX document, without the diagram."""
    itemize = "\\begin{itemize}", "\\item {}", "\\end{itemize}"
    statement = _listed(exercise.statement[lang], "{}", *itemize, latex_sentence)
    parts = {
        "NAME": latex_sentence(exercise.name),
        "STATEMENT": statement,
        "HEADING": _HEADINGS[lang]["solution"],
        "SOLUTION": exercise.explain(lang).to_latex(),
    }
    return re.sub("|".join(parts), lambda match: parts[match[0]], _LATEX)


def _listed(
    text: str, line: str, start: str, item: str, end: str, escaped: Callable[[str], str]
) -> str:
    """Return the lines of a text, with those that start with a hyphen as a list."""
    written = []
    for content in text.splitlines():
        if content.startswith("- "):
            written += [start, item.format(escaped(content[2:])), end]
        else:
            written.append(line.format(escaped(content)))
    return "\n".join(written).replace(f"{end}\n{start}\n", "")
