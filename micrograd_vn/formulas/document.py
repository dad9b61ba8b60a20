"""Text with formulas in it, and its writers: plain text, Markdown, LaTeX and HTML.

A document is a list of blocks. Nothing in it is written in a language before its writer does.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Op
from micrograd_vn.formulas.latex import Latex, latex_text, latex_words
from micrograd_vn.formulas.mathml import MathML
from micrograd_vn.formulas.names import printable
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Apply, Equation, Formula
from micrograd_vn.formulas.writer import NONE, PRODUCT, Writer

_WIDTH = 84  # of a line, in characters of plain text; a longer equation is broken

Part: TypeAlias = "str | Formula | Equation"
Piece: TypeAlias = "tuple[str, Formula, int]"  # a sign, and how tightly what follows holds together


@dataclass(frozen=True)
class Paragraph:
    """Words and formulas; one of several points if it is a bullet."""

    parts: tuple[Part, ...]
    bullet: bool = False


@dataclass(frozen=True)
class Display:
    """Equations on lines of their own, each with a remark."""

    equations: tuple[tuple[Equation, tuple[Part, ...]], ...]


Block: TypeAlias = "Paragraph | Display"


class Document:
    """A text that prints, shows in Jupyter, and is written as Markdown, LaTeX and HTML."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = tuple(blocks)

    def __str__(self) -> str:
        return _written(self.blocks, _paragraph_text, _display_text)

    __repr__ = __str__

    def to_markdown(self) -> str:
        """Return the document as Markdown, with formulas in LaTeX between dollar signs."""
        return _written(self.blocks, _paragraph_markdown, _display_markdown)

    def to_latex(self) -> str:
        """Return the document as LaTeX that needs the package amsmath."""
        return _written(self.blocks, _paragraph_latex, _display_latex, before_display="\n")

    def to_html(self) -> str:
        """Return the document as HTML, with formulas as MathML."""
        return _written(self.blocks, _paragraph_html, _display_html, "\n")

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def _written(
    blocks: Sequence[Block],
    paragraph: Callable[[list[Paragraph]], str],
    display: Callable[[Display], str],
    gap: str = "\n\n",
    before_display: str | None = None,
) -> str:
    """Return blocks as text; neighbouring bullets are one list."""
    written = ""
    for is_list, group in groupby(blocks, lambda b: isinstance(b, Paragraph) and b.bullet):
        if is_list:
            written += gap + paragraph([b for b in group if isinstance(b, Paragraph)])
            continue
        for b in group:
            if isinstance(b, Paragraph):
                written += gap + paragraph([b])
            else:
                written += (gap if before_display is None else before_display) + display(b)
    return written.lstrip("\n") + "\n"


def joined(
    parts: Iterable[Part], words: Callable[[str], str], formula: Callable[[Formula | Equation], str]
) -> str:
    """Return words and formulas, each written in its way."""
    return "".join([words(printable(p)) if isinstance(p, str) else formula(p) for p in parts])


def inline(writer: Writer, signs: dict[str, str]) -> Callable[[Formula | Equation], str]:
    """Return what writes a formula or an equation in one line."""

    def write(f: Formula | Equation) -> str:
        if isinstance(f, Formula):
            return writer(f)
        written = [writer(f.sides[0])]
        for sign, side in zip(f.signs, f.sides[1:], strict=True):
            written += [signs.get(sign, f" {sign} "), writer(side)]
        return "".join(written)

    return write


_TEXT, _LATEX, _MATHML = Text(), Latex(), MathML()
_in_text = inline(_TEXT, {})
_in_latex = inline(_LATEX, {"≈": r" \approx "})
_in_mathml = inline(_MATHML, {s: f"<mo>{html.escape(s)}</mo>" for s in "=≈<>"})


def lines(equation: Equation, remark: str) -> list[list[Piece]]:
    """Return the lines of an equation, each a list of signs with what follows them.

    One that fits is one line. Else each side has a line, and a sum that is too long several.
    """
    first, *others = equation.sides
    pieces = list(zip(equation.signs, others, strict=True))
    if len(_in_text(equation)) + len(remark) <= _WIDTH:
        return [[("", first, NONE), *[(sign, side, NONE) for sign, side in pieces]]]
    width = _WIDTH - len(_TEXT(first)) - len(" = ")
    broken = [piece for sign, side in pieces for piece in _broken(sign, side, width)]
    return [[("", first, NONE), broken[0]], *[[piece] for piece in broken[1:]]]


def _broken(sign: str, f: Formula, width: int) -> list[Piece]:
    """Return a sum in parts that fit, each with its sign.

    A sum that is added or taken away is a part of its own, in parentheses.
    """
    terms: list[tuple[Op, Formula]] = []
    while f.op in (table.add, table.sub):
        op, (f, last) = f.op, f.parents
        terms.append((op, last))
    pieces, least = [], NONE
    for op, term in reversed(terms):
        longer: Formula = Apply(op, f, term)
        if least == PRODUCT or len(_TEXT(longer)) > width:
            pieces.append((sign, f, least))
            sign, longer = op.symbol, term
            least = PRODUCT if _TEXT.written(term)[1] < PRODUCT else NONE
        f = longer
    return [*pieces, (sign, f, least)]


# One function for each kind of block and each notation.


def _paragraph_text(paragraphs: list[Paragraph]) -> str:
    written = [joined(p.parts, str, _in_text) for p in paragraphs]
    return "\n\n".join(
        f"• {w}" if p.bullet else w for p, w in zip(paragraphs, written, strict=True)
    )


def _display_text(display: Display) -> str:
    written = []
    for equation, remark in display.equations:
        words = joined(remark, str, _in_text)
        (start, *rest), *others = lines(equation, words)
        left = f"    {_TEXT(start[1])}"
        followed = [rest, *others]
        texts = [
            "".join(f" {sign} {_TEXT(f, least)}" for sign, f, least in pieces)
            for pieces in followed
        ]
        texts = [(" " * len(left) if i else left) + text for i, text in enumerate(texts)]
        written.append("\n".join(texts) + words)
    return "\n".join(written)


def _paragraph_markdown(paragraphs: list[Paragraph]) -> str:
    written = [joined(p.parts, _markdown, lambda f: f"${_in_latex(f)}$") for p in paragraphs]
    return "\n\n".join(
        f"- {w}" if p.bullet else w for p, w in zip(paragraphs, written, strict=True)
    )


def _display_markdown(display: Display) -> str:
    return f"$$\n\\begin{{aligned}}\n{_aligned(display)}\n\\end{{aligned}}\n$$"


def _paragraph_latex(paragraphs: list[Paragraph]) -> str:
    written = [joined(p.parts, latex_text, lambda f: f"${_in_latex(f)}$") for p in paragraphs]
    if not paragraphs[0].bullet:
        return f"\\noindent {written[0]}"
    items = "\n".join(f"\\item {w}" for w in written)
    return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"


def _display_latex(display: Display) -> str:
    return f"\\begin{{align*}}\n{_aligned(display)}\n\\end{{align*}}"


def _aligned(display: Display) -> str:
    """Return equations in LaTeX, aligned at their first sign."""
    written = []
    for equation, remark in display.equations:
        (start, *rest), *others = lines(equation, joined(remark, str, _in_text))
        texts = []
        for pieces in (rest, *others):
            shown = [f"{_LATEX.sign(sign)} {_LATEX(f, least)}" for sign, f, least in pieces]
            texts.append("&" + " ".join(shown))
        texts[0] = f"{_LATEX(start[1])} {texts[0]}"
        words = joined(remark, lambda w: latex_words(w, r"\text{{{}}}"), _in_latex)
        written.append(" \\\\\n".join(texts) + words)
    return " \\\\\n".join(written)


def _paragraph_html(paragraphs: list[Paragraph]) -> str:
    written = [joined(p.parts, html.escape, lambda f: math(_in_mathml(f))) for p in paragraphs]
    if not paragraphs[0].bullet:
        return f"<p>{written[0]}</p>"
    return "<ul>\n" + "\n".join(f"<li>{w}</li>" for w in written) + "\n</ul>"


def _display_html(display: Display) -> str:
    table_rows = []
    for equation, remark in display.equations:
        (start, *rest), *others = lines(equation, joined(remark, str, _in_text))
        left = _MATHML(start[1])
        for pieces in (rest, *others):
            right = "".join(
                f"<mo>{html.escape(sign)}</mo>{_MATHML(f, least)}" for sign, f, least in pieces
            )
            table_rows.append([left, right])
            left = ""
        table_rows[-1][1] += joined(remark, _mtext, _in_mathml)
    cells = "".join(
        '<mtr><mtd style="text-align: right; padding-right: 0">'
        f'<mrow>{left}</mrow></mtd><mtd style="text-align: left; padding-left: 0">'
        f"<mrow>{right}</mrow></mtd></mtr>\n"
        for left, right in table_rows
    )
    return math(f'<mtable displaystyle="true">\n{cells}</mtable>', "block")


def _mtext(words: str) -> str:
    """Return words in a formula, where a space at their end would be lost."""
    return f"<mtext>{html.escape(words)}</mtext>".replace(" ", "\u00a0")


def math(elements: str, display: str = "inline") -> str:
    """Return elements of MathML as a formula in a page, ``inline`` or as a ``block``."""
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}">{elements}</math>'


def _markdown(text: str) -> str:
    """Return words such that Markdown shows them as they are."""
    return html.escape(text, quote=False)
