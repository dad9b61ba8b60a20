"""How numbers, names and formulas are written for a reader, everywhere alike.

Each comes in two notations: plain Unicode, and LaTeX. The second is derived from the
first, so that what an operation's entry says is said once.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from micrograd_vn.engine import Op

SUM, PRODUCT, NAME = 1, 2, 4  # how tightly a formula holds together, as in `Op.binding`

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_FROM_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_FROM_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


class Formula(NamedTuple):
    """A formula in both notations, and how tightly it holds together."""

    text: str
    latex: str
    binding: int = NAME

    def bound(self, binding: int) -> Formula:
        """Return the formula, in parentheses if it is looser than `binding`."""
        if self.binding >= binding:
            return self
        return Formula(f"({self.text})", _parenthesised(self.latex))


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
    if not math.isfinite(x):
        return str(x).replace("inf", "∞").replace("-", "−")
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    power = int(exponent)
    plain = -5 < power < 9
    text = f"{x:.{max(digits - 1 - power, 0)}f}" if plain else mantissa
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    if not plain:
        text += "·10" + str(power).replace("-", "−").translate(SUPERSCRIPTS)
    return text.replace("-", "−")


def parsed(text: str) -> float:
    """Return the number that `number` wrote.

    Examples
    --------
    >>> parsed(number(-1.23456e-9))
    -1.235e-09
    """
    mantissa, _, power = text.replace("−", "-").replace("∞", "inf").partition("·10")
    return float(f"{mantissa}e{power.translate(_FROM_SUPERSCRIPTS)}" if power else mantissa)


def number_formula(text: str) -> Formula:
    """Return a number written by `number` as a formula."""
    latex = text.replace("−", "-").replace("∞", r"\infty")
    if "·10" in latex:
        mantissa, power = latex.split("·10")
        latex = rf"{mantissa} \cdot 10^{{{power.translate(_FROM_SUPERSCRIPTS)}}}"
    return Formula(text, latex, SUM if text.startswith("−") else PRODUCT if "·" in text else NAME)


def name_formula(label: str) -> Formula:
    r"""Return a label as a formula.

    Examples
    --------
    >>> name_formula("w⁽¹⁾₁,₂").latex
    'w^{(1)}_{1,2}'
    >>> name_formula("ŷ₀").latex, name_formula("w₂′").latex, name_formula("loss").latex
    ('\\hat{y}_{0}', "w_{2}'", '\\mathrm{loss}')
    """
    match = re.fullmatch(
        r"(\w\u0302?|\w+?)(?:⁽([⁰¹²³⁴-⁹]+)⁾)?([₀-₉]*(?:,[₀-₉]+)*)(?:_(\w+))?([′']*)", label
    )
    if match is None or label.startswith("_"):
        return Formula(label, rf"\text{{{latex_text(label)}}}")
    stem, layer, small, index, primes = match.groups()
    stem = stem.replace("ŷ", "y\u0302")
    if stem.endswith("\u0302"):
        stem = rf"\hat{{{stem[:-1]}}}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}" if stem.isascii() else rf"\text{{{stem}}}"
    below = small.translate(_FROM_SUBSCRIPTS) or (index or "").replace("_", r"\_")
    subscript = f"_{{{below}}}" if below else ""
    above = f"^{{({layer.translate(_FROM_SUPERSCRIPTS)})}}" if layer else ""
    return Formula(label, _greek(stem) + above + subscript + "'" * len(primes))


def formula(op: Op, operands: Sequence[Formula]) -> Formula:
    r"""Return how `op` on `operands` is written.

    Examples
    --------
    >>> from micrograd_vn.engine import OPERATIONS
    >>> a, b, c = map(name_formula, "abc")
    >>> product = formula(OPERATIONS["mul"], [formula(OPERATIONS["add"], [a, b]), c])
    >>> product.text, product.latex
    ('(a + b)·c', '(a + b) \\cdot c')
    >>> formula(OPERATIONS["pow"], [a, number_formula("2")]).text
    'a²'
    """
    if op.template == "{}":
        return operands[0]
    own, *required = op.binding
    required += [required[-1] if required else 0] * (len(operands) - len(required))
    xs = [x.bound(least) for x, least in zip(operands, required, strict=True)]
    texts, latex = [x.text for x in xs], [x.latex for x in xs]
    if op.template is None:
        name = _greek(op.symbol)
        if name == op.symbol:
            name = rf"\operatorname{{{latex_text(op.symbol)}}}"
        arguments = _parenthesised(", ".join(latex))
        return Formula(f"{op.symbol}({', '.join(texts)})", f"{name}{arguments}", own)
    if callable(op.template):
        gaps = [f"\0{i}\0" for i in range(len(latex))]
        shown = _in_latex(op.template(*gaps))
        for gap, x in zip(gaps, latex, strict=True):
            shown = shown.replace(gap, x)
        return Formula(op.template(*texts), shown, own)
    if op.template == "{}/{}":
        return Formula(
            "/".join(texts), rf"\frac{{{operands[0].latex}}}{{{operands[1].latex}}}", own
        )
    if op.template == "{}^{}":
        exponent = operands[1].text
        whole = all(c in "0123456789−" for c in exponent)
        raised = exponent.translate(SUPERSCRIPTS) if whole else f"^{texts[1]}"
        return Formula(texts[0] + raised, f"{latex[0]}^{{{operands[1].latex}}}", own)
    template = op.template.replace("√{}", r"\sqrt{{{}}}")
    return Formula(op.template.format(*texts), _in_latex(template).format(*latex), own)


def _parenthesised(latex: str) -> str:
    return rf"\left({latex}\right)" if r"\frac" in latex else f"({latex})"


def _in_latex(text: str) -> str:
    return text.replace("·", r" \cdot ").replace("−", "-")


_GREEK = {"σ": r"\sigma", "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta",
          "ε": r"\varepsilon", "η": r"\eta", "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu",
          "π": r"\pi", "ρ": r"\rho", "τ": r"\tau", "φ": r"\varphi", "ω": r"\omega"}  # fmt: skip


def _greek(symbol: str) -> str:
    return _GREEK.get(symbol, symbol)


_LATEX_SPECIAL = str.maketrans(
    {c: rf"\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


def latex_text(text: str) -> str:
    """Return `text` such that LaTeX shows it as it is."""
    return text.translate(_LATEX_SPECIAL)


def latex_sentence(text: str) -> str:
    r"""Return a sentence with symbols in it, such as ŷ₀ or ∂L/∂R, as LaTeX.

    Examples
    --------
    >>> latex_sentence("Tính ∂L/∂R với w₂′ = −0.4.")
    "Tính $\\partial L/\\partial R$ với $w_{2}'$ = $-$0.4."
    >>> latex_sentence("Cho ŷ = σ(w·x)")
    'Cho $\\hat{y}$ = $\\sigma$(w$\\cdot$x)'
    """
    parts = re.split(r"(∂\w+/∂[\w₀-₉]+|[A-Za-zŷ][₀-₉]+′?|[ŷα-ω−·])", text)
    return "".join(_symbol(p) if i % 2 else latex_text(p) for i, p in enumerate(parts))


def _symbol(text: str) -> str:
    if text in "−·":
        return f"${_in_latex(text).strip()}$"
    names = [name_formula(name).latex for name in text.replace("∂", "").split("/")]
    if "∂" in text:
        return rf"$\partial {names[0]}/\partial {names[1]}$"
    return f"${names[0]}$"


def mathml(latex: str, display: str = "inline") -> str:
    """Return a formula as MathML, which browsers show without a script.

    Parameters
    ----------
    latex
        The formula in LaTeX.
    display
        ``"inline"`` or ``"block"``.

    Raises
    ------
    ImportError
        The package latex2mathml, which comes with the extra ``html``, is not installed.
    """
    try:
        from latex2mathml import converter
    except ModuleNotFoundError as error:
        raise ImportError(
            "formulas in HTML need the package latex2mathml: pip install latex2mathml"
        ) from error

    # The minus of a number is not an operator between two. What LaTeX does not need to
    # escape, MathML does. The converter knows `aligned` by the name of `split`.
    latex = _SIGN.sub("{-\\1}", latex).replace(r"\&", "＆").replace("{aligned}", "{split}")
    latex = "".join(c for c in latex.replace("\n", " ") if c.isprintable())
    latex = _TEXT.sub(lambda text: html.escape(text[0], quote=False), latex)
    return str(converter.convert(latex, display=display))


_TEXT = re.compile(r"\\text\{(?:[^{}]|\\[{}])*\}")
_SIGN = re.compile(r"(?:(?<=[(=] )|(?<=[({]))-([0-9.]+)")
