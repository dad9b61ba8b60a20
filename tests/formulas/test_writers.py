"""Text, LaTeX and MathML say what the formula says: they are read back and evaluated."""

import inspect
import math
import pathlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, ops
from micrograd_vn.formulas.latex import Latex, latex_name, latex_words
from micrograd_vn.formulas.mathml import MathML, mathml_name
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Apply, Derivative, Name, Number, evaluate
from tests.formulas.reading import (
    WrongError,
    evaluated,
    parse,
    read_latex,
    read_mathml,
    text_tokens,
)
from tests.formulas.recipes import PHASES, build, number, recipes, slack
from tests.operations import TABLE
from tests.sizes import size

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
LABELS = ["x", "ŷ₀", "w⁽¹⁾₁,₂", "w₂′", "loss", "Δt", "x²", "a + b", "∂f/∂t", "b⁽²⁾", "θ"]
LEAVES = [*map(Name, LABELS)]
LEAVES += [
    Derivative(Name("L"), [Name("h")]),
    Derivative(Name("L"), [Name("h"), Name("h"), Name("w₁′")]),
    Derivative(Name("y"), [Name("x₁")], [Name("h"), Name("z")]),
]
INDEX = {leaf: i for i, leaf in enumerate(LEAVES)}
POINTS = st.lists(
    st.floats(-3, 3).map(lambda x: round(x, 3)), min_size=len(LEAVES), max_size=len(LEAVES)
)
FORMULAS = recipes(len(LEAVES), leaves=10)


def formula(recipe):
    return build(recipe, LEAVES, number=Number)


def read_text(text, leaves):
    return parse(text_tokens(text, leaves))


LANGUAGES = [(Text(), read_text), (Latex(), read_latex), (MathML(), read_mathml)]
IDS = ["text", "latex", "mathml"]


def leaves_of(writer, used):
    """Return how each leaf is written in a formula: where it needs parentheses, with these."""
    return {writer(leaf): INDEX[leaf] for leaf in used}


def leaves_in(f):
    if not f.parents:
        return {f} if f in INDEX else set()
    return set().union(*map(leaves_in, f.parents))


@pytest.mark.parametrize(("writer", "read"), LANGUAGES, ids=IDS)
@settings(max_examples=size(100, 250), phases=PHASES)
@given(FORMULAS, POINTS)
def test_a_formula_reads_back_as_what_it_is(writer, read, recipe, at):
    f = formula(recipe)
    written = writer(f)
    try:
        tree = read(written, leaves_of(writer, leaves_in(f)))
    except WrongError as error:
        raise AssertionError(f"{written} is no formula: {error}") from error
    want = number(lambda: evaluate(f, lambda leaf: at[INDEX[leaf]]))
    got = number(lambda: evaluated(tree, at))
    if want is not None and got is not None and math.isfinite(slack(recipe, at)):
        assert abs(got - want) <= 10 * slack(recipe, at), (written, tree)


@settings(max_examples=size(120, 300), phases=PHASES)
@given(FORMULAS)
def test_no_pair_of_parentheses_could_be_left_out(recipe):
    f = formula(recipe)
    if not f.parents:
        return
    used = leaves_in(f)
    simple = {leaf: Name("αβγδεζηθκλμνξπ"[INDEX[leaf]]) for leaf in used}
    f = formula_of_simple(f, simple)
    tokens = text_tokens(Text()(f), {name.label: name.label for name in simple.values()})
    whole = parse(tokens)
    stack = []
    for i, token in enumerate(tokens):
        if token == "(":
            stack.append(i)
        elif token == ")":
            start = stack.pop()
            before = tokens[start - 2 : start]
            if start and any(isinstance(t, tuple) and t[0] == "function" for t in before):
                continue  # of a call, or of tanh²(x)
            after = tokens[i + 1] if i + 1 < len(tokens) else None
            if tokens[start + 1] == "√" and (after == "^" or (after and after[0] == "raised")):
                continue  # some read √α² as the root of α²
            try:
                without = parse([*tokens[:start], *tokens[start + 1 : i], *tokens[i + 1 :]])
            except WrongError:
                continue
            assert without != whole, Text()(f)


def formula_of_simple(f, simple):
    if not f.parents:
        return simple.get(f, f)
    return type(f)(f.op, *[formula_of_simple(x, simple) for x in f.parents])


x, y, z = map(Name, "xyz")
BY_HAND = [
    ((x + 1) ** 2 / 3, "(x + 1)²/3"),
    (-(x * y), "−x·y"),
    (x - (y - z), "x − (y − z)"),
    ((-x) ** 2, "(−x)²"),
    (-(x**2), "−x²"),
    ((x / y) / z, "x/y/z"),
    (x / (y * z), "x/(y·z)"),
    (x * (-y), "x·(−y)"),
    (Number(-2.0) * x, "(−2)·x"),
    (x ** (y + 1), "x^(y + 1)"),
    (x**0.5, "x^0.5"),
    ((x**2) ** 3, "(x²)³"),
    (ops.tanh(x) ** 2, "tanh²(x)"),
    (ops.tanh(x) ** -1, "tanh(x)⁻¹"),
    (ops.sqrt(x * y) * z, "√(x·y)·z"),
    (ops.sqrt(x) ** 2, "(√x)²"),
    (abs(x - abs(y)), "|x − |y||"),
    (Name("a + b") * x, "(a + b)·x"),
    (Name("x²") ** 2, "(x²)²"),
    (Name("w⁽¹⁾") ** 2, "(w⁽¹⁾)²"),
    (Number(1.5e-9) * x, "1.5·10⁻⁹·x"),
    (Number(1.5e-9) ** 2, "(1.5·10⁻⁹)²"),
    (Derivative(x, [y]) * Derivative(y, [z]), "∂x/∂y · ∂y/∂z"),
    (Derivative(x, [y]) / Derivative(y, [z]), "(∂x/∂y)/(∂y/∂z)"),
    (Derivative(x, [y]) ** 2, "(∂x/∂y)²"),
    (Derivative(x, [y, y]), "∂²x/∂y²"),
    (Derivative(x, [y, z]), "∂²x/∂y∂z"),
    (Derivative(x, [y], [z]), "∂x/∂y|z"),
    (ops.softplus(x), "ln(1 + exp(x))"),
]


@pytest.mark.parametrize(("f", "want"), BY_HAND, ids=[want for _, want in BY_HAND])
def test_text_is_what_one_writes_by_hand(f, want):
    assert Text()(f) == want


def test_latex_is_what_one_writes_by_hand():
    write = Latex()
    assert write((x + 1) / y) == r"\frac{x + 1}{y}"
    assert write(((x + 1) / y) ** 2) == r"\left(\frac{x + 1}{y}\right)^{2}"
    assert write(ops.exp(-x)) == r"\mathrm{e}^{-x}"
    assert write(ops.sqrt(x + 1)) == r"\sqrt{x + 1}"
    assert write(Name("ŷ₀") * Name("α")) == r"\hat{y}_{0} \cdot \alpha"
    assert write(Name("w₂′") ** 2) == "{w_{2}'}^{2}"
    assert write(Derivative(x, [y], [z])) == r"\left.\frac{\partial x}{\partial y}\right|_{z}"


GREEK = r"""
α \alpha β \beta γ \gamma δ \delta ε \varepsilon ζ \zeta η \eta θ \theta ι \iota κ \kappa
λ \lambda μ \mu ν \nu ξ \xi ο o π \pi ρ \rho σ \sigma ς \varsigma τ \tau υ \upsilon
φ \varphi χ \chi ψ \psi ω \omega Γ \Gamma Δ \Delta Θ \Theta Λ \Lambda Ξ \Xi Π \Pi
Σ \Sigma Υ \Upsilon Φ \Phi Ψ \Psi Ω \Omega Α \mathrm{A} Η \mathrm{H} Ρ \mathrm{P} Χ \mathrm{X}
""".split()
SIGNS = r"""
· \cdot × \times − - ÷ \div ± \pm ∞ \infty ≤ \le ≥ \ge ≠ \ne ≈ \approx → \to ← \leftarrow
∂ \partial ∇ \nabla √ \surd ∑ \sum ∈ \in { \{ } \} $ \$ % \% & \& # \# _ \_ ~ \sim
""".split()


def test_letters_and_signs_are_those_of_latex():
    for letter, want in zip(GREEK[::2], GREEK[1::2], strict=True):
        assert Latex()(Name(letter)) == want
    for sign, want in zip(SIGNS[::2], SIGNS[1::2], strict=True):
        assert latex_words(f"1{sign}2").replace(" ", "") == f"1{want}2"


def test_every_operation_looks_as_reviewed(golden):
    rows = []
    for name, op in TABLE.items():
        fixed = inspect.signature(op.partials).parameters.values()
        n = 4 if any(p.kind is p.VAR_POSITIONAL for p in fixed) else len(fixed) - 1
        f = Apply(op, *map(Name, "xyzt"[:n]))
        rows.append("  |  ".join([name, op.symbol, op.domain or "-", Text()(f), Latex()(f)]))
    golden(GOLDEN / "operations.txt", "\n".join(rows) + "\n")


MINE = Op(
    "mine",
    lambda x, y: x / (1 + abs(y)),
    lambda out, x, y: (1.0, 1.0),
    notation=lambda x, y: x / (1 + abs(y)),
)
PLAIN = Op("softsign", lambda x: x / (1 + abs(x)), lambda out, x: (1.0,))


@pytest.mark.parametrize(("writer", "read"), LANGUAGES, ids=IDS)
def test_an_operation_of_ones_own_is_written_by_its_notation_with_the_parentheses_it_needs(
    writer, read
):
    at = dict(enumerate([0.7, -1.3]))
    for f in (
        2 / MINE(x, y),
        MINE(x + y, x - y) * x,
        MINE(x, y) ** 2,
        x - MINE(-x, y),
        PLAIN(x + 1) ** 2 * PLAIN(MINE(x, PLAIN(y))),
    ):
        tree = read(writer(f), {writer(x): 0, writer(y): 1})
        want = evaluate(f, {"x": at[0], "y": at[1]})
        assert evaluated(tree, at) == pytest.approx(want, rel=1e-12)


DIFFERENT = """
w_1 w₁ w1 w¹ w⁽¹⁾ w(1) w,1 w₁,₁ w₁₁ w′ w″ w′′ w'′ w₁′ w⁽¹⁾′ w⁽¹⁾₁,₁ W w ŵ w̄ w̃ wˆ ω ℓ l ℒ L 𝐋 ℝ R
x x² x^2 x_2 x_{2} x\\_2 x\\ x/ x% x# x$ x& x~ x{ x} a+b a·b a*b α alpha \\alpha ϕ φ ε ϵ ς σ θ ϑ
∂f/∂x ∂f∂x Ω Ω₀ → ≤ ∇ < > <b> loss Loss loss₀ loss0 mi <mi>x</mi> &lt; 1 ₁ é e é́ A Α А ø o ó ŷ ỹ
ỳ ý 損 失 😀 😁 \u202ex \u200dx x\u0301\u0302
""".split()


@pytest.mark.parametrize("writer", [Latex(), MathML(), Text()], ids=["latex", "mathml", "text"])
def test_different_labels_look_different(writer):
    seen = {}
    for label in DIFFERENT:
        seen.setdefault(writer(Name(label)), []).append(label)
    # Canonically equivalent labels, and primes however they are typed, are one label.
    alike = [group for group in seen.values() if len(group) > 1]
    allowed = [{"w″", "w′′", "w'′"}, {"\u2126", "\u03a9"}]
    assert [group for group in alike if not any(set(group) <= a for a in allowed)] == []


def test_different_formulas_look_different():
    e = Name("e")
    formulas = [e**x, ops.exp(x), x * y, Name("xy"), x**2, ops.tanh(x), Name("tanh")]
    for writer in (Latex(), MathML(), Text()):
        for f, g in pairwise(sorted(formulas, key=writer)):
            assert writer(f) != writer(g), (type(writer), writer(f))


def test_a_letter_with_an_accent_is_as_italic_as_one_without():
    hat = '<mover accent="true"><mi>y</mi><mo stretchy="false">ˆ</mo></mover>'
    assert mathml_name("ŷ") == mathml_name("y\u0302") == hat
    assert mathml_name("ŷ₀") == f"<msub>{hat}<mn>0</mn></msub>"
    assert latex_name("ŷ₀") == r"\hat{y}_{0}"
    assert mathml_name("lớp") == "<mi>lớp</mi>"
    assert mathml_name("ố") == "<mi>ố</mi>"  # two accents: of Vietnamese, not of mathematics
