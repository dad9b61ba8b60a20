"""Booklets of a set of homework: all sheets, or all solutions, one variant after the other.

As HTML a booklet is one file. As LaTeX it is one document, and its pictures are the pages of
two files: what sheets show, and what only solutions show.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from micrograd_vn.exercises.homework import Homework, Variant
from micrograd_vn.exercises.page import BOOKLET, Page, filled
from micrograd_vn.formulas.latex import latex_text
from micrograd_vn.phrases import phrases
from micrograd_vn.readers.rendering import Diagram

__all__ = ["Booklet"]


class Booklet:
    """The sheets or the solutions of a set of homework.

    Parameters
    ----------
    homework
        The set.
    sheet
        Whether it has the sheets, which have no answer in them.
    progress
        Called with 1 for each variant that is there.

    Attributes
    ----------
    pictures : dict of str to list of Diagram
        By file, without suffix: its pages. What looks the same is there once.

    Examples
    --------
    >>> from micrograd_vn.exercises import assign, cau4
    >>> homework = assign({"cau4": cau4}, students=["Lê An"], seed=7, title="Tuần 3")
    >>> text = Booklet(homework, sheet=True).html()
    >>> [said in text for said in ("Tuần 3", "S7-001", "Lê An", "Theo quy tắc chuỗi")]
    [True, True, True, False]
    """

    def __init__(
        self, homework: Homework, *, sheet: bool, progress: Callable[[int], object] = lambda n: None
    ) -> None:
        self.homework, self.sheet = homework, sheet
        self.pictures: dict[str, list[Diagram]] = {"pictures": [], "solutions-pictures": []}
        self._numbers: dict[str, tuple[str, int]] = {}  # file and page, by DOT text
        self._made = []
        for variant in homework.variants:
            pages = [
                Page(exercise, homework.lang, sheet=sheet, stem=name)
                for name, exercise in variant.exercises.items()
            ]
            for page in pages:
                self._collect(page)
            self._made.append((variant, pages))
            progress(1)

    def _collect(self, page: Page) -> None:
        shown = [section.picture for section in page.sections if section.picture is not None]
        for i, name in enumerate(shown):
            diagram = page.pictures[name]
            of_statement = i == 0 and page.sections[0].picture is not None
            file = "pictures" if of_statement else "solutions-pictures"
            if diagram.source not in self._numbers:
                self.pictures[file].append(diagram)
                self._numbers[diagram.source] = file, len(self.pictures[file])

    def html(self, progress: Callable[[int], object] = lambda n: None) -> str:
        """Return the booklet as HTML, which prints each variant on a page of its own."""
        articles = []
        for variant, pages in self._made:
            parts = []
            for page in pages:
                name = f"<h2>{escape(page.name)}</h2>\n" if page.name != self._title else ""
                parts.append(f'<div class="exercise">\n{name}{page.html_parts("h3")}\n</div>')
            title = f"<header>\n<h1>{escape(self._title)}</h1>\n"
            who = "".join(
                f"<span>{escape(said)}: <b>{escape(what)}</b></span>\n"
                for said, what in self._who(variant)
            )
            body = "\n".join(parts)
            articles.append(
                f'<article id="{variant.code}">\n{title}<p>{who}</p>\n</header>\n{body}\n</article>'
            )
            progress(1)
        return filled(
            "page.html",
            self.homework.lang,
            name=escape(self._title),
            style=BOOKLET,
            kind="sheets" if self.sheet else "solutions",
            parts="\n".join(articles),
        )

    def latex(self) -> str:
        """Return the booklet as a LaTeX document."""
        variants = []
        for variant, pages in self._made:
            who = [
                rf"\field{{{latex_text(said)}}}{{{latex_text(what)}}}"
                for said, what in self._who(variant)
            ]
            lines = [rf"\variant{{{latex_text(self._title)}}}{{{' '.join(who)}}}"]
            for page in pages:
                if page.name != self._title:
                    lines.append(rf"\section*{{{latex_text(page.name)}}}")
                numbers = {name: self._numbers[d.source] for name, d in page.pictures.items()}
                lines.append(
                    page.latex_parts(
                        r"\room",
                        lambda picture, of=numbers: (  # type: ignore[misc]
                            rf"\insertpicture[page={of[picture][1]}]{{{of[picture][0]}.pdf}}"
                        ),
                    )
                )
            variants.append("\n".join(lines))
        height = "30mm" if self.sheet else "36mm"  # there is a title, and room to write
        parts = "\n\n".join(variants)
        return filled("booklet.tex", self.homework.lang, height=height, parts=parts)

    @property
    def _title(self) -> str:
        return self.homework.title

    def _who(self, variant: Variant) -> list[tuple[str, str]]:
        """Return what stands at the top of a variant: its code, and whose it is."""
        words = phrases("homework", self.homework.lang)
        return [(words["code"], variant.code), (words["student"], variant.student)]
