"""Formulas as MathML, which browsers show without a script, a font or a network."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import ClassVar
from xml.sax.saxutils import escape

from micrograd_vn.engine import Op
from micrograd_vn.formulas.names import printable, symbol
from micrograd_vn.formulas.text import Markup
from micrograd_vn.formulas.tree import Formula
from micrograd_vn.formulas.writer import Sign

_ACCENTS = dict(zip("\u0302\u0303\u0304\u0307\u0308\u030c", "ˆ˜¯˙¨ˇ", strict=True))


class MathML(Markup):
    """Writes a formula as the elements inside of ``<math>``.

    Examples
    --------
    >>> from micrograd_vn.formulas.tree import Name
    >>> MathML()(Name("x") ** 2)
    '<msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup>'
    """

    minus, infinity, partial = '<mo form="prefix">−</mo>', "<mi>∞</mi>", "<mo>∂</mo>"
    e = '<mi mathvariant="normal">e</mi>'
    fraction = "<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>"
    root, bars = "<msqrt>{}</msqrt>", "<mrow><mo>|</mo>{}<mo>|</mo></mrow>"
    held = "<msub><mrow>{}<mo>|</mo></mrow><mrow>{}</mrow></msub>"
    signs: ClassVar[dict[Op, Sign]] = {
        op: sign._replace(text=f"<mo>{sign.text.strip()}</mo>") for op, sign in Markup.signs.items()
    }

    def label(self, label: str) -> str:
        """Return a name."""
        return mathml_name(label)

    def digits(self, text: str) -> str:
        """Return a number that needs no power of ten."""
        return f"<mn>{text}</mn>"

    def function(self, op: Op) -> str:
        """Return the symbol of an operation."""
        return f"<mi>{escape(printable(op.symbol))}</mi>"

    def parenthesised(self, text: str, *inside: Formula) -> str:
        """Return elements in parentheses, as high as they are."""
        low = "" if any(map(self.is_tall, inside)) else ' stretchy="false"'
        return f"<mrow><mo{low}>(</mo>{text}<mo{low}>)</mo></mrow>"

    def listed(self, operands: Sequence[Formula]) -> str:
        """Return operands with commas between them."""
        return "<mo>,</mo>".join(map(self, operands))

    def raised(self, base: str, exponent: Formula) -> str:
        """Return a power."""
        return f"<msup><mrow>{base}</mrow><mrow>{self(exponent)}</mrow></msup>"


def mathml_name(label: str) -> str:
    """Return a label as elements.

    Examples
    --------
    >>> mathml_name("ŷ₀")
    '<msub><mover accent="true"><mi>y</mi><mo stretchy="false">ˆ</mo></mover><mn>0</mn></msub>'
    """
    parts = symbol(label)
    if parts is None:
        return f"<mtext>{escape(printable(label))}</mtext>"
    stem = _letter(parts.stem)
    below, above = map(_script, parts[1:3])
    if parts.primes:
        above += f"<mo>{'′' * parts.primes}</mo>"
    if above and below:
        return f"<msubsup>{stem}{below}<mrow>{above}</mrow></msubsup>"
    if above:
        return f"<msup>{stem}<mrow>{above}</mrow></msup>"
    return f"<msub>{stem}{below}</msub>" if below else stem


def _letter(stem: str) -> str:
    """Return a name without what is above or below: y with a hat as an accent on an italic y.

    Mathematical letters, which browsers set single letters in, have none with an accent.
    """
    letter, *accents = [*unicodedata.normalize("NFD", stem)]
    if len(accents) == 1 and accents[0] in _ACCENTS:
        accent = f'<mo stretchy="false">{_ACCENTS[accents[0]]}</mo>'
        return f'<mover accent="true"><mi>{escape(letter)}</mi>{accent}</mover>'
    return f"<mi>{escape(printable(stem))}</mi>"


def _script(script: str) -> str:
    """Return what stands above or below a letter."""
    inner = symbol(script)
    if inner is not None and inner.below:
        return mathml_name(script)
    kind = "mi" if script.isalpha() else "mn"
    return f"<{kind}>{escape(script)}</{kind}>" if script else ""
