"""What labels are made of: letters, accents, indices, exponents and primes.

All is read off the Unicode database, so there is no list of special cases: ŷ is y with a
circumflex, ₁ is 1 set as a subscript.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


_ORDERS = "²³⁴⁵⁶⁷⁸⁹"
_FIGURES = str.maketrans(_ORDERS, "23456789")


class Symbol(NamedTuple):
    """A label as a mathematical symbol: ``w⁽¹⁾₁,₂′`` is w, 1,2 below, (1) above, one prime.

    In ``L′_w₁`` what stands below is a symbol itself.
    """

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
    label, by = _differentiated(unicodedata.normalize("NFC", label))
    for c in label:
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
    if by and (below or above or not primes):
        return None
    return Symbol(stem, by or below, above.replace("−", "-"), primes) if whole else None


def _differentiated(label: str) -> tuple[str, str]:
    """Return what stands before and after ``_`` in L′_w₁, the derivative of L by w₁."""
    before, _, by = label.partition("′_")
    inner = symbol(by) if by and "′" not in by else None
    plain = inner is not None and not (inner.above or inner.primes or "_" in inner.stem)
    return (f"{before}′", by) if plain else (label, "")


def derivative(label: str) -> tuple[str, tuple[str, ...]] | None:
    """Return what is differentiated and by what, of a label that is a derivative; else None.

    Examples
    --------
    >>> derivative("∂L/∂w₁"), derivative("∂²y/∂x²"), derivative("w₁")
    (('L', ('w₁',)), ('y', ('x', 'x')), None)
    """
    above, _, below = label.partition("/")
    if not (above.startswith("∂") and below.startswith("∂")):
        return None
    by: list[str] = []
    for x in below[1:].split("∂"):
        times = "".join(c for c in x if c in _ORDERS)
        plain = x.rstrip(_ORDERS)
        if symbol(plain) is None or symbol(plain + times) is None:
            return None
        by += [plain] * (int(times.translate(_FIGURES)) if times else 1)
    of = above[1:].lstrip(_ORDERS)
    times = above[1 : len(above) - len(of)]
    order = int(times.translate(_FIGURES)) if times else 1
    return (of, tuple(by)) if symbol(of) is not None and order == len(by) else None


def indices(label: str) -> tuple[str, list[str], str] | None:
    """Return the indices of a label, and what stands before and after them.

    Examples
    --------
    >>> indices("ŷ₀"), indices("w₁,₂′"), indices("x")
    (('ŷ', ['₀'], ''), ('w', ['₁', '₂'], '′'), None)
    """
    label = unicodedata.normalize("NFC", label)
    places = [i for i, c in enumerate(label) if unicodedata.decomposition(c).startswith("<sub>")]
    if symbol(label) is None or not places:
        return None
    start, end = places[0], places[-1] + 1
    return label[:start], label[start:end].split(","), label[end:]


def printable(label: str) -> str:
    """Return a label in one line, without what no page can show."""
    return "".join(
        c if c.isprintable() or c == "\u200d" else " " if c.isspace() else "\ufffd" for c in label
    )


def _characters(codes: str) -> str:
    return "".join(chr(int(code, 16)) for code in codes.split())
