r"""Formulas as LaTeX, for pdfLaTeX, XeLaTeX and LuaLaTeX with the package amsmath.

Letters, accents and indices come from the Unicode database; what no font of these has is
shown by its code, such as U+1F600.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import ClassVar

from micrograd_vn.engine import Op
from micrograd_vn.formulas.names import printable, symbol
from micrograd_vn.formulas.text import Markup
from micrograd_vn.formulas.tree import Formula
from micrograd_vn.formulas.writer import Sign


class Latex(Markup):
    r"""Writes a formula in LaTeX's mathematics.

    Examples
    --------
    >>> from micrograd_vn.formulas.tree import Name
    >>> Latex()(Name("ŷ₀") / Name("w₂′") ** 2)
    "\\frac{\\hat{y}_{0}}{{w_{2}'}^{2}}"
    """

    minus, infinity, partial, gap, e = "-", r"\infty", r"\partial", " ", r"\mathrm{e}"
    fraction, root = r"\frac{{{}}}{{{}}}", r"\sqrt{{{}}}"
    bars, held = r"\left|{}\right|", r"\left.{}\right|_{{{}}}"
    signs: ClassVar[dict[Op, Sign]] = {
        op: sign._replace(text=text)
        for (op, sign), text in zip(Markup.signs.items(), (" + ", " - ", r" \cdot "), strict=True)
    }

    def label(self, label: str) -> str:
        """Return a name."""
        return latex_name(label)

    def function(self, op: Op) -> str:
        """Return the symbol of an operation, upright if it is a word."""
        if len(op.symbol) == 1:
            return latex_name(op.symbol)
        if op.symbol in _OPERATORS:
            return f"\\{op.symbol}"
        if op.symbol.isascii():
            return rf"\operatorname{{{latex_words(op.symbol)}}}"
        return latex_words(op.symbol, r"\text{{{}}}")  # which has letters that the other lacks

    def parenthesised(self, text: str, *inside: Formula) -> str:
        """Return text in parentheses, as high as it is."""
        return rf"\left({text}\right)" if any(map(self.is_tall, inside)) else f"({text})"

    def raised(self, base: str, exponent: Formula) -> str:
        """Return a power."""
        base = f"{{{base}}}" if "'" in base or "^" in base else base
        return f"{base}^{{{self(exponent)}}}"

    @staticmethod
    def sign(text: str) -> str:
        """Return a sign between two formulas, such as −."""
        return _MATH.get(text, text).strip()


_OPERATORS = frozenset("cos exp ln max min sin tan tanh".split())
ACCENTS = {
    "CIRCUMFLEX ACCENT": "hat", "TILDE": "tilde", "MACRON": "bar", "OVERLINE": "bar",
    "DOT ABOVE": "dot", "DIAERESIS": "ddot", "CARON": "check", "BREVE": "breve",
    "ACUTE ACCENT": "acute", "GRAVE ACCENT": "grave", "RIGHT ARROW ABOVE": "vec",
}  # fmt: skip


def latex_name(label: str) -> str:
    r"""Return a label as a symbol, or as text where it is none.

    Examples
    --------
    >>> latex_name("w⁽¹⁾₁,₂"), latex_name("ŷ₀"), latex_name("w₂′"), latex_name("loss")
    ('w^{(1)}_{1,2}', '\\hat{y}_{0}', "w_{2}'", '\\mathrm{loss}')
    """
    parts = symbol(label)
    if parts is None or any(
        ord(c) > 127 and latex_letter(c) is None for c in parts.below + parts.above
    ):
        return latex_words(label, r"\text{{{}}}")
    stem = _stem(parts.stem)
    above, below = map(_script, (parts.above, parts.below))
    primes = r"\prime" * parts.primes
    if above:
        stem += f"^{{{above}{primes}}}"
    if below:
        stem += f"_{{{below}}}"
    return stem if above else stem + "'" * parts.primes


def _script(script: str) -> str:
    """Return what stands above or below a letter."""
    inner = symbol(script)
    if inner is not None and inner.below:
        return latex_name(script)
    return "".join(latex_letter(c) or c for c in script).replace("_", r"\_")


def _stem(stem: str) -> str:
    base, *marks = list(unicodedata.normalize("NFD", stem))
    names = [unicodedata.name(c, "").removeprefix("COMBINING ") for c in marks]
    letter = latex_letter(base)
    if letter is not None and all(name in ACCENTS for name in names):
        for name in names:
            letter = rf"\{ACCENTS[name]}{{{letter}}}"
        return letter
    words = stem.replace("_", "")
    if stem.isascii() and words.isalnum():
        return rf"\mathrm{{{stem}}}".replace("_", r"\_")
    return latex_words(stem, r"\text{{{}}}")


_NAMED = {"lamda": "lambda", "epsilon": "varepsilon", "phi": "varphi", "final sigma": "varsigma"}
_LATIN = set("alpha beta epsilon zeta eta iota kappa mu nu omicron rho tau chi".split())
_MATH = {
    "\\": r"\backslash ", "^": r"{\hat{\ }}", "~": r"\sim ", "<": "{<}", ">": "{>}", "|": r"\vert ",
    "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_",
    "·": r"\cdot ", "×": r"\times ", "−": "-", "÷": r"\div ", "±": r"\pm ", "∞": r"\infty ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "→": r"\to ", "←": r"\leftarrow ",
    "∂": r"\partial ", "∇": r"\nabla ", "√": r"\surd ", "∑": r"\sum ", "∈": r"\in ", "′": "{}'",
    "Σ": r"\Sigma ", "°": r"{}^{\circ}", "`": "{}^{`}",
}  # fmt: skip


def latex_letter(c: str) -> str | None:
    r"""Return a letter or digit in mathematics, or None if LaTeX has none.

    Examples
    --------
    >>> latex_letter("σ"), latex_letter("Ω"), latex_letter("ℒ"), latex_letter("損") is None
    ('\\sigma', '\\Omega', '\\mathcal{L}', True)
    """
    if c.isascii():
        return c
    name = unicodedata.name(c, "")
    script, _, letter = name.partition(" LETTER ")
    letter = letter.lower()
    if script == "GREEK SMALL" and letter.isascii() and " with " not in letter:
        return "o" if letter == "omicron" else f"\\{_NAMED.get(letter, letter)}"
    if script == "GREEK CAPITAL" and " with " not in letter:
        letter = _NAMED.get(letter, letter) if letter == "lamda" else letter
        latin = unicodedata.normalize(
            "NFKC", {"eta": "H", "rho": "P", "chi": "X", "nu": "N"}.get(letter, letter[0].upper())
        )
        return rf"\mathrm{{{latin}}}" if letter in _LATIN else f"\\{letter.capitalize()}"
    plain = unicodedata.normalize("NFKC", c)
    if plain == c or not (plain.isascii() and plain.isalnum()):
        return None
    if "SCRIPT SMALL L" in name:
        return r"\ell"
    if "SCRIPT CAPITAL" in name:
        return rf"\mathcal{{{plain}}}"
    return rf"\mathbf{{{plain}}}" if "BOLD" in name or "DOUBLE-STRUCK" in name else plain


def latex_words(text: str, words: str = "{}") -> str:
    r"""Return text as it is, for mathematics: `words` has the command for plain words.

    Examples
    --------
    >>> latex_words("a < 50%", r"\text{{{}}}")
    '\\text{a }{<}\\text{ 50}\\%'
    """
    parts = []
    for plain, group in groupby(unicodedata.normalize("NFC", printable(text)), key=_is_word):
        written = "".join(group)
        parts.append(words.format(written) if plain else "".join(map(_mathematical, written)))
    return "".join(parts) or words.format("")


def latex_text(text: str) -> str:
    r"""Return text as it is, for a paragraph.

    Examples
    --------
    >>> latex_text("Tính 50% của σ")
    'Tính 50$\\%$ của $\\sigma$'
    """
    parts = []
    for plain, group in groupby(unicodedata.normalize("NFC", printable(text)), key=_is_word):
        written = "".join(group)
        parts.append(written if plain else f"${''.join(map(_mathematical, written)).strip()}$")
    return "".join(parts)


_VIETNAMESE = {
    "aeo": "\u0302", "a": "\u0306", "ou": "\u031b", "aeiouy": "\u0300\u0301\u0303\u0309\u0323",
}  # fmt: skip


def _is_word(c: str) -> bool:
    """Whether a character may stand in text, in English or Vietnamese."""
    base, *marks = list(unicodedata.normalize("NFD", c))
    if not marks:
        return c in "đĐ" or (c.isascii() and c not in _MATH)
    return all(
        any(base.lower() in letters and m in allowed for letters, allowed in _VIETNAMESE.items())
        for m in marks
    )


def _mathematical(c: str) -> str:
    if c in _MATH:
        return _MATH[c]
    letter = None if c.isascii() else latex_letter(c)
    return rf"\mathrm{{U{{+}}{ord(c):04X}}}" if letter is None else f"{letter} "
