"""Formulas as plain text, in Unicode, as one would write them in a message."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import ClassVar

from micrograd_vn import table
from micrograd_vn.engine import Op
from micrograd_vn.formulas.names import SUPERSCRIPTS, derivative, printable
from micrograd_vn.formulas.tree import Apply, Derivative, Formula, Name, Number, is_plain, rounded
from micrograd_vn.formulas.writer import NAME, POWER, PRODUCT, SUM, Sign, Writer, Written, binding

RAISED = frozenset({table.sin, table.cos, table.tan, table.tanh, table.sech})


class Text(Writer):
    """Writes a formula in Unicode: ∂L/∂R, w₂′·R, x², √x.

    The other notations for people differ from it in the pieces below.

    Examples
    --------
    >>> x = Name("x")
    >>> Text()((x + 1) ** 2 / 3)
    '(x + 1)²/3'
    """

    minus, infinity, partial, gap = "−", "∞", "∂", ""
    fraction, root, bars, held = "{}/{}", "√{}", "|{}|", "{}|{}"
    signs: ClassVar[dict[Op, Sign]] = {
        table.add: Sign(" + ", SUM, SUM, PRODUCT),
        table.sub: Sign(" − ", SUM, SUM, PRODUCT),
        table.mul: Sign("·", PRODUCT, PRODUCT, POWER),
    }
    rows: ClassVar[dict[Op, str]] = {
        table.identity: "written", table.neg: "neg", table.absolute: "absolute",
        table.div: "div", table.power: "power", table.sqrt: "sqrt",
    }  # fmt: skip

    # The pieces

    def label(self, label: str) -> str:
        """Return a name."""
        return printable(label)

    def digits(self, text: str) -> str:
        """Return a number that needs no power of ten."""
        return text

    def raised(self, base: str, exponent: Formula) -> str:
        """Return a power; whole exponents are small figures."""
        if isinstance(exponent, Number) and _is_whole(exponent):
            return base + self(exponent).translate(SUPERSCRIPTS)
        return f"{base}^{self(exponent, NAME)}"

    def between(self, sign: Sign, x: Formula, y: Formula) -> Written:
        """Return two operands with a sign between them, with space around derivatives."""
        if sign is self.signs[table.mul] and (
            _ends_in_derivative(x) or as_derivative(y) is not None
        ):
            sign = sign._replace(text=f" {sign.text.strip()} ")
        return super().between(sign, x, y)

    def div(self, x: Formula, y: Formula) -> Written:
        """Return x/y in one line."""
        above = self(x) if _is_negative(x) else self.factor(x, PRODUCT)
        return f"{above}/{self.factor(y, POWER)}", SUM if _is_negative(x) else PRODUCT

    def sqrt(self, x: Formula) -> Written:
        """Return √x."""
        return self.root.format(self(x, NAME)), POWER

    # What is alike in all notations

    def name(self, f: Name) -> Written:
        """Return a name; one that is more than a symbol needs parentheses in a formula."""
        if (read := as_derivative(f)) is not None:
            return self.derivative(read)
        return self.label(f.label), binding(f.label)

    def function(self, op: Op) -> str:
        """Return the symbol of an operation."""
        return self.label(op.symbol)

    def number(self, f: Number) -> Written:
        """Return a number with a minus sign, and with a power of ten where it needs one."""
        sign, x = self.minus if _is_negative(f) else "", abs(f.shown)
        if not x.is_finite():
            text, own = self.digits("nan") if x.is_nan() else self.infinity, NAME
        elif not x or is_plain(x.adjusted()):
            text, own = self.digits(f"{x:f}"), NAME
        else:
            power = Number(Decimal(x.adjusted()))
            mantissa = self.digits(f"{x.scaleb(-x.adjusted()):f}")
            text = mantissa + self.signs[table.mul].text + self.raised(self.digits("10"), power)
            own = PRODUCT
        return sign + text, SUM if sign else own

    def derivative(self, f: Derivative) -> Written:
        """Return ∂y/∂x, ∂²y/∂x² or ∂y/∂x|h; of ∂y/∂x, ∂²y/∂x∂z or, by z², ∂(∂y/∂x)/∂(z²)."""
        inner = as_derivative(f.of)
        if inner is not None and not inner.held and all(map(_is_symbol, f.by)):
            return self.derivative(Derivative(inner.of, [*inner.by, *f.by], f.held))
        below = []
        for _, group in groupby(f.by, key=self):
            x, *others = group
            least = NAME if others or x.op is not None else POWER
            by = self._times(self.factor(x, least), 1 + len(others))
            below.append(f"{self.partial}{self.gap}{by}")
        above = f"{self._times(self.partial, len(f.by))}{self.gap}{self.factor(f.of, POWER)}"
        text = self.fraction.format(above, self.gap.join(below))
        return self.held.format(text, self.listed(f.held)) if f.held else text, NAME

    def _times(self, base: str, n: int) -> str:
        return base if n == 1 else self.raised(base, Number(n))

    def neg(self, x: Formula) -> Written:
        """Return −x."""
        return f"{self.minus}{self(x, PRODUCT)}", SUM

    def absolute(self, x: Formula) -> Written:
        """Return the absolute value of x."""
        return self.bars.format(self(x)), NAME

    def power(self, x: Formula, y: Formula) -> Written:
        """Return xʸ; of some functions the name is raised, as in tanh² x."""
        squared = isinstance(y, Number) and y.shown > 1 and _is_whole(y)
        if squared and isinstance(x, Apply) and x.op in RAISED:
            name = self.raised(self.function(x.op), y)
            return name + self.parenthesised(self.listed(x.parents), *x.parents), NAME
        return self.raised(self.factor(x, NAME), y), POWER

    def factor(self, x: Formula, least: int) -> str:
        """Return a formula to be raised or divided: a derivative has parentheses there."""
        return self.parenthesised(self(x), x) if as_derivative(x) is not None else self(x, least)


class Markup(Text):
    """What is alike in LaTeX and MathML: fractions, roots and powers are two-dimensional."""

    rows: ClassVar[dict[Op, str]] = {**Text.rows, table.exp: "exp"}
    e: ClassVar[str]

    def div(self, x: Formula, y: Formula) -> Written:
        """Return a fraction."""
        return self.fraction.format(self(x), self(y)), PRODUCT

    def sqrt(self, x: Formula) -> Written:
        """Return a root."""
        return self.root.format(self(x)), NAME

    def exp(self, x: Formula) -> Written:
        """Return e to a power."""
        return self.raised(self.e, x), POWER

    def is_tall(self, f: Formula) -> bool:
        """Whether a formula has a fraction."""
        if f.op is None:
            return as_derivative(f) is not None
        if f.op is table.div:
            return True
        written = self.simpler(f.op, f.parents)
        return any(map(self.is_tall, f.parents if written is None else [written]))


def _is_whole(x: Number) -> bool:
    """Whether a number is written without decimals."""
    return x.shown.is_finite() and x.shown.as_tuple().exponent >= 0  # type: ignore[operator]


def _is_negative(x: Formula) -> bool:
    return isinstance(x, Number) and not x.shown.is_nan() and x.shown < 0


def _ends_in_derivative(f: Formula) -> bool:
    """Whether the last factor of a product is a derivative."""
    while isinstance(f, Apply) and f.op is table.mul:
        f = f.parents[1]
    return as_derivative(f) is not None


def _is_symbol(f: Formula) -> bool:
    return isinstance(f, Name) and binding(f.label) == NAME and as_derivative(f) is None


def as_derivative(f: Formula) -> Derivative | None:
    """Return a derivative, which a name may be as well: that of a value called ∂y/∂x."""
    if isinstance(f, Name) and (parts := derivative(f.label)) is not None:
        of, by = parts
        return Derivative(Name(of), [Name(x) for x in by])
    return f if isinstance(f, Derivative) else None


def number(x: float, digits: int = 4) -> str:
    """Return `x` rounded to `digits` significant digits; the integer part stays whole.

    Zeros at the end are left out, and the minus is a minus sign, not a hyphen. Very
    large and very small numbers have a power of ten.

    Examples
    --------
    >>> number(-0.10997), number(-0.10997, 5), number(3.0), number(12345.678)
    ('−0.11', '−0.10997', '3', '12346')
    >>> number(6.02214e23), number(-1.5e-9), number(float("nan"))
    ('6.022·10²³', '−1.5·10⁻⁹', 'nan')
    """
    return Text()(rounded(x, digits))
