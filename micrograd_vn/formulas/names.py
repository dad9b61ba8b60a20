"""What labels are made of: letters, accents, indices, exponents and primes.

All is read off the Unicode database, so there is no list of special cases: ŷ is y with a
circumflex, ₁ is 1 set as a subscript.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Symbol(NamedTuple):
    """A label as a mathematical symbol: ``w⁽¹⁾₁,₂′`` is w, 1,2 below, (1) above, one prime."""

    stem: str
    below: str
    above: str
    primes: int


def symbol(label: str) -> Symbol | None:
    """Return the parts of a label, or None if it is no symbol but text.

    Examples
    --------
    >>> symbol("w⁽¹⁾₁,₂")
    Symbol(stem='w', below='1,2', above='(1)', primes=0)
    >>> symbol("a + b") is None
    True
    """
    stem, below, above, primes = "", "", "", 0
    for c in unicodedata.normalize("NFC", label):
        kind, _, codes = unicodedata.decomposition(c).rpartition("> ")
        if kind == "<sub":
            below += _characters(codes)
        elif kind == "<super":
            above += _characters(codes)
        elif c in "'′":
            primes += 1
        elif c == "″":
            primes += 2
        elif c == "," and below:
            below += c
        elif not (below or above or primes) and (
            c.isalnum() or c == "_" or (stem and unicodedata.combining(c))
        ):
            stem += c
        else:
            return None
    whole = stem and stem[0].isalpha() and not below.endswith(",")
    return Symbol(stem, below, above.replace("−", "-"), primes) if whole else None


def printable(label: str) -> str:
    """Return a label in one line, without what no page can show."""
    return "".join(
        c if c.isprintable() or c == "\u200d" else " " if c.isspace() else "\ufffd" for c in label
    )


def _characters(codes: str) -> str:
    return "".join(chr(int(code, 16)) for code in codes.split())
