"""Products and quotients as one fraction, and like terms of sums as one.

2·x/(x² + 1) for 2/(x² + 1)·x: numbers come first and are reduced, what is above and below the
bar cancels, and equal factors are one power. 3·x² for x² + 2·x².
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import gcd
from operator import mul

from micrograd_vn import table
from micrograd_vn.formulas.tree import Formula, Name, Number, same

_HALF = Fraction(1, 2)
_ONE = Number(1)
_DIGITS = 6  # of a quotient of decimals; a longer one stays a fraction
_FUNCTIONS = frozenset({
    table.exp, table.log, table.sin, table.cos, table.tan, table.tanh, table.sqrt, table.bell,
})  # fmt: skip


class _Fraction:
    """A product of powers, and the numbers above and below the bar."""

    def __init__(self) -> None:
        self.above, self.below = Decimal(1), Decimal(1)
        self.bases: list[Formula] = []
        self.exponents: list[Fraction] = []

    def multiply(self, f: Formula, exponent: Fraction) -> None:
        """Take in a factor."""
        whole = exponent.denominator == 1
        if isinstance(f, Number) and f.shown.is_finite() and f.shown and whole:
            above, below = (f.shown, Decimal(1))[:: 1 if exponent > 0 else -1]
            self.above *= above ** abs(int(exponent))
            self.below *= below ** abs(int(exponent))
        elif f.op is table.mul and whole:
            self.multiply(f.parents[0], exponent)
            self.multiply(f.parents[1], exponent)
        elif f.op is table.div and whole:
            self.multiply(f.parents[0], exponent)
            self.multiply(f.parents[1], -exponent)
        elif f.op is table.neg and whole:
            self.above *= (-1) ** abs(int(exponent))
            self.multiply(f.parents[0], exponent)
        elif f.op is table.power and whole and (n := _whole(f.parents[1])) is not None:
            self.multiply(f.parents[0], exponent * n)
        elif f.op is table.sqrt and (exponent % 2 == 0 or not isinstance(f.parents[0], Number)):
            self.multiply(f.parents[0], exponent * _HALF)
        else:
            self.add(f, exponent)

    def add(self, base: Formula, exponent: Fraction) -> None:
        """Take in a power; that of a base which is there already adds to its exponent."""
        if base.op is table.add and base.parents[0].op is table.neg:
            base = base.parents[1] - base.parents[0].parents[0]  # 1/y − 1/x for −1/x + 1/y
        for i, known in enumerate(self.bases):
            if same(known, base):
                self.exponents[i] += exponent
                if base.op is table.sqrt and self.exponents[i] % 2 == 0:  # √2·√2
                    self.multiply(base.parents[0], self.exponents[i] * _HALF)
                    self.exponents[i] = Fraction(0)
                return
        self.bases.append(base)
        self.exponents.append(exponent)

    def written(self) -> Formula:
        """Return the fraction as one writes it."""
        above, below = self.powers(1), self.powers(-1)
        n, d = _reduced(abs(self.above), abs(self.below), bool(below))
        top = _product(n, above)
        fraction = top if d == 1 and not below else top / _product(d, below)
        return -fraction if (self.above < 0) != (self.below < 0) else fraction

    def powers(self, sign: int) -> list[Formula]:
        """Return the powers above (1) or below (−1) the bar; a name stands before a function."""
        powers: list[Formula] = []
        for base, exponent in zip(self.bases, self.exponents, strict=True):
            n = exponent * sign
            if n <= 0:
                continue
            whole = n.numerator // n.denominator
            new = [base**whole if whole > 1 else base] if whole else []
            new += [table.sqrt(base)] if n != whole else []
            for f in new:
                place = len(powers)
                while _is_power_of_name(f) and place and powers[place - 1].op in _FUNCTIONS:
                    place -= 1
                powers.insert(place, f)
        return powers


def as_fraction(f: Formula) -> Formula | None:
    """Return a product or quotient as one fraction; None if it is one already.

    Examples
    --------
    >>> x, y = Name("x"), Name("y")
    >>> as_fraction(2 / (x**2 + 1) * x), as_fraction(y / (x * y)), as_fraction(x * y)
    (2·x/(x² + 1), 1/x, None)
    """
    powers = f.op is table.power and f.parents[0].op in (table.mul, table.div, table.neg)
    if not (powers or f.op in (table.mul, table.div)) or _is_zero(f):
        return None
    fraction = _Fraction()
    fraction.multiply(f, Fraction(1))
    written = fraction.written()
    return None if same(written, f) else written


def as_sum(f: Formula) -> Formula | None:
    """Return a sum with like terms as one; None if no terms are alike.

    Examples
    --------
    >>> x, y = Name("x"), Name("y")
    >>> as_sum(x**2 + 2 * x**2), as_sum(x - y + y), as_sum(x + y)
    (3·x², x, None)
    """
    if f.op not in (table.add, table.sub):
        return None
    terms = [_term(x, sign) for x, sign in _terms(f.parents[0], 1)]
    before = len(terms)
    for n, x in [_term(x, s) for x, s in _terms(f.parents[1], 1 if f.op is table.add else -1)]:
        like = [i for i, (_, known) in enumerate(terms) if _alike(known, x)]
        if like:
            terms[like[0]] = (terms[like[0]][0] + n, x)
        else:
            terms.append((n, x))
    if len(terms) == before + len(_terms(f.parents[1], 1)):
        return None
    total: Formula | None = None
    for n, x in terms:
        if not n:
            continue
        size = _product(abs(n), [] if same(x, _ONE) else [x])
        if total is None:
            total = size if n > 0 else -size
        else:
            total = total + size if n > 0 else total - size
    return Number(0) if total is None else total


def _terms(f: Formula, sign: int) -> list[tuple[Formula, int]]:
    """Return the terms of a sum, each with its sign."""
    if f.op is table.neg:
        return _terms(f.parents[0], -sign)
    if f.op not in (table.add, table.sub):
        return [(f, sign)]
    terms: list[tuple[Formula, int]] = []
    while f.op in (table.add, table.sub):
        left, right = f.parents
        terms = _terms(right, sign if f.op is table.add else -sign) + terms
        f = left
    return [*_terms(f, sign), *terms]


def _term(f: Formula, sign: int) -> tuple[Decimal, Formula]:
    """Return the number before a term, and the term without it; 1 for a plain number."""
    if isinstance(f, Number) and f.shown.is_finite():
        return f.shown * sign, _ONE
    fraction = _Fraction()
    if f.op in (table.mul, table.div):
        fraction.multiply(f, Fraction(1))
    if fraction.below != 1 or fraction.above == 1:
        return Decimal(sign), f
    n, fraction.above = fraction.above * sign, Decimal(1)
    return n, fraction.written()


def _alike(f: Formula, g: Formula) -> bool:
    """Return whether two terms are the same product, in whatever order."""
    if same(f, g):
        return True
    if f.op is not table.mul or g.op is not table.mul:
        return False
    quotient = _Fraction()
    quotient.multiply(f, Fraction(1))
    quotient.multiply(g, Fraction(-1))
    return quotient.above == quotient.below and not any(quotient.exponents)


def _is_zero(f: Formula) -> bool:
    """Whether a factor is the number 0, of which other rules take care."""
    return any(isinstance(x, Number) and not x.shown for x in f.parents)


def _whole(x: Formula) -> int | None:
    """Return an exponent that is a small whole number."""
    if isinstance(x, Number) and x.shown.is_finite() and x.shown == int(x.shown):
        return int(x.shown) if 0 < abs(x.shown) < 10 else None
    return None


def _reduced(n: Decimal, d: Decimal, has_below: bool) -> tuple[Decimal, Decimal]:
    """Return the numbers above and below the bar: whole ones reduced, 0.5/√x as 1/(2·√x)."""
    if has_below and n != int(n) and 2 * n == int(2 * n):
        n, d = 2 * n, 2 * d
    if n == int(n) and d == int(d):
        common = gcd(int(n), int(d))
        return Decimal(int(n) // common), Decimal(int(d) // common)
    quotient = n / d
    if len(quotient.normalize().as_tuple().digits) <= _DIGITS:
        return quotient, Decimal(1)
    return n, d


def _product(n: Decimal, factors: list[Formula]) -> Formula:
    """Return a number times factors, without a 1."""
    return reduce(mul, factors if n == 1 and factors else [Number(n), *factors])


def _is_power_of_name(f: Formula) -> bool:
    base = f.parents[0] if f.op is table.power else f
    return isinstance(base, Name)
