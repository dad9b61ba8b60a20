"""The textbook's forms: each identity is true, and derivatives come out as one writes them."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, cross_entropy, explain, grad, log, ops, softmax, table
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.identities import (
    DERIVATIVES,
    SIGNS,
    SOFTMAX,
    root_of_pi,
    signed,
    textbook,
    written_out,
)
from micrograd_vn.formulas.latex import Latex
from micrograd_vn.formulas.mathml import MathML
from micrograd_vn.formulas.products import as_fraction
from micrograd_vn.formulas.tree import Apply, Name, Number, differentiate, evaluate, same
from micrograd_vn.readers.outline import outline
from tests.formulas.recipes import FUNCTIONS, PHASES, build, number, recipes
from tests.sizes import size

ALL = [*SOFTMAX, *DERIVATIVES]


def sides(identity):
    """Return both sides of an identity with names for operands, and the names."""
    code = identity.__code__
    names = list(code.co_varnames[: code.co_argcount])
    more = ["p", "q", "r"] if code.co_flags & 4 else []
    return identity(*map(Name, names + more)), names + more


def alike(f, g, at, tolerance=1e-11):
    """Whether two formulas are equal at a point, or None where one of them has no value."""
    try:
        a, b = evaluate(f, at), evaluate(g, at)
    except ERRORS:
        return None
    if not (math.isfinite(a) and math.isfinite(b)):
        return None
    return abs(a - b) <= tolerance * (1 + abs(a) + sum(map(abs, at.values())))


@pytest.mark.parametrize("i", range(len(ALL)))
def test_every_identity_is_true_at_random_points(i):
    (left, right), names = sides(ALL[i])
    compared = 0

    @settings(max_examples=size(40, 60), phases=PHASES)
    @given(st.lists(st.floats(-5, 5), min_size=len(names), max_size=len(names)))
    def holds(point):
        nonlocal compared
        if any(0 < abs(x) < 1e-3 for x in point):
            return
        same_ = alike(left, right, dict(zip(names, point, strict=True)))
        assert same_ is not False, (left, right, point)
        compared += same_ is not None

    holds()
    assert compared >= size(2, 6), (left, right)  # √a·√b has a value at a quarter of them


@pytest.mark.parametrize("i", range(len(ALL)))
def test_every_identity_rewrites_its_left_side(i):
    (left, right), _ = sides(ALL[i])
    rewritten = textbook(left) if i >= len(SOFTMAX) else written_out(left)
    assert not same(rewritten, left)
    assert same(rewritten, textbook(right) if i >= len(SOFTMAX) else written_out(right)), rewritten


def test_an_identity_that_is_false_would_be_found():
    a = Name("a")
    assert alike(1 - ops.tanh(a), 1 - ops.tanh(a) ** 2, {"a": 0.3}) is False
    assert alike(ops.sqrt(a), a, {"a": -1.0}) is None


NAMES = [Name("x"), Name("y")]
POINT = st.tuples(*[st.floats(-3, 3).map(lambda x: round(x, 3))] * 2)
KNOWN = [n for n in ("add sub mul div neg abs", *FUNCTIONS) for n in n.split()]


@settings(max_examples=size(100, 250), phases=PHASES)
@given(recipes(2, leaves=6), POINT)
def test_a_derivative_as_a_textbook_writes_it_is_the_derivative(recipe, point):
    f = build(recipe, NAMES, number=Number)
    at = {"x": point[0], "y": point[1]}
    if number(lambda: evaluate(f, at)) is None:
        return
    try:
        derivative = differentiate(f, NAMES[0])
        want = evaluate(derivative, at)
    except ERRORS:
        return
    written = textbook(derivative)
    got = number(lambda: evaluate(written, at))
    if got is not None and abs(want) < 1e6:
        # Of a difference of large numbers the textbook's form may have fewer digits.
        assert abs(got - want) <= 1e-7 * (1 + abs(want)), (derivative, written)


@settings(max_examples=size(60, 150), phases=PHASES)
@given(recipes(2, leaves=6))
def test_nothing_is_left_that_a_textbook_would_not_write(recipe):
    f = build(recipe, NAMES, number=Number)
    try:
        written = textbook(differentiate(f, NAMES[0]))
    except ERRORS:
        return
    todo = [written]
    while todo:
        node = todo.pop()
        todo += node.parents
        shown = [float(x) if isinstance(x, Number) else None for x in node.parents]
        if node.op in (table.add, table.sub):
            assert 0.0 not in shown, written
            assert shown[1] is None or shown[1] > 0, written
        if node.op is table.mul:
            assert not {0.0, 1.0, -1.0} & set(shown), written
        if node.op in (table.div, table.power):
            assert shown[1] != 1.0, written
        if node.op is table.neg:
            assert node.parents[0].op is not table.neg, written
    assert same(textbook(written), written), (written, textbook(written))


@pytest.mark.parametrize("i", range(len(SIGNS)))
def test_minus_signs_of_a_definition_are_written_as_one_does(i):
    (left, right), names = sides(SIGNS[i])
    assert same(signed(left), right)
    assert alike(left, right, dict(zip(names, (0.7, -1.3), strict=True)))


PRODUCTS = {
    "3/(3·x)": lambda x, y, f: 3 / (3 * x), "−2/(x²)²·x": lambda x, y, f: -2 / (x**2) ** 2 * x,
    "x·√x": lambda x, y, f: x * f.sqrt(x), "1/√x": lambda x, y, f: f.sqrt(x) / x,
    "y/(x·y)²": lambda x, y, f: y / (x * y) ** 2, "0.5·y/√x": lambda x, y, f: 0.5 * y / f.sqrt(x),
    "(x + y)/(x + y)²": lambda x, y, f: (x + y) / (x + y) ** 2,
    "sin·y·sin": lambda x, y, f: f.sin(x) * y * f.sin(x), "(−x)/3/6": lambda x, y, f: (-x) / 3 / 6,
    "x/(−y)·x": lambda x, y, f: x / (-y) * x, "2/(2·√y)·x": lambda x, y, f: 2 / (2 * f.sqrt(y)) * x,
}  # fmt: skip


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_product_is_one_fraction_in_lowest_terms_as_in_sympy(product):
    make = PRODUCTS[product]
    written = textbook(make(*NAMES, ops))
    x, y = sympy.symbols("x y", positive=True)
    want = make(x, y, sympy)
    at = {"x": 1.3, "y": 0.7}
    assert evaluate(written, at) == pytest.approx(float(want.subs({x: 1.3, y: 0.7})), rel=1e-12), (
        written
    )
    assert sum(len(f.parents) > 1 for f in nodes(written)) <= sympy.count_ops(want), written
    assert sum(f.op is table.div for f in nodes(written)) <= 1, written


SUMS = {
    "x² + 2·x²": lambda x, y: x**2 + 2 * x**2, "x − y + x + y": lambda x, y: (x - y) + (x + y),
    "x·y − 3·y·x": lambda x, y: x * y - 3 * (x * y), "1 + x + 2": lambda x, y: (1 + x) + 2,
    "0·x + 0·y + x": lambda x, y: x * 0 + y * 0 + x,
    "x − (y − x)": lambda x, y: x - (y - x), "x/y − x/y": lambda x, y: x / y - x / y,
}  # fmt: skip


@pytest.mark.parametrize("total", SUMS)
def test_like_terms_are_one_term_as_in_sympy(total):
    written = textbook(SUMS[total](*NAMES))
    x, y = sympy.symbols("x y")
    want = SUMS[total](x, y)
    at = {"x": 1.3, "y": 0.7}
    assert evaluate(written, at) == pytest.approx(float(want.subs({x: 1.3, y: 0.7})), rel=1e-12)
    terms = sum(f.op in (table.add, table.sub) for f in nodes(written)) + 1
    assert terms == len(sympy.Add.make_args(want)), written


def nodes(f):
    return [f, *[node for x in f.parents for node in nodes(x)]]


def test_a_negative_number_is_subtracted():
    x = Name("x")
    assert str(textbook(x * 2 + Number(-1))) == "2·x − 1"
    assert str(textbook(x - Number(-1))) == "x + 1"


def derivative_of(output, wrt, using=()):
    """Return the formula that a solution has for the derivative."""
    text = str(explain(output, wrt, using=using, lang="en"))
    lines = text.replace("≈", "=").splitlines()
    return next(line for line in lines if line.startswith("    ∂")).split(" = ")[1]


def forms():
    x, y, n, z = Value(2.0, "x"), Value(3.0, "y"), Value(3.0, "n"), Value(0.5, "z")
    p, t = Value(0.7, "ŷ"), Value(1.0, "y")
    h = [Value(0.72, "h₀"), Value(-0.96, "h₁")]
    probabilities = [v.named(f"ŷ{i}") for i, v in zip("₀₁", softmax(h), strict=True)]
    targets = [Value(1.0, "y₀"), Value(0.0, "y₁")]
    loss = cross_entropy(h, targets).named("L")
    yield "ŷ·(1 − ŷ)", ops.sigmoid(z).named("ŷ"), z, ()
    yield "1 − tanh²(z)", ops.tanh(z).named("R"), z, ()
    yield "1/(2·√x)", ops.sqrt(x).named("f"), x, ()
    yield "−y/x²", (y / x).named("f"), x, ()
    yield "1/x", (y / x).named("f"), y, ()
    yield "n·x^(n − 1)", (x**n).named("f"), x, ()
    yield "−1/x²", (1 / x).named("f"), x, ()
    yield "2·x", (x**2).named("f"), x, ()
    yield "3·x²", (x**3).named("f"), x, ()
    yield "f", ops.exp(x).named("f"), x, ()
    yield "1/x", log(x).named("f"), x, ()
    yield "−sin(x)", ops.cos(x).named("f"), x, ()
    yield "1", (x + y).named("f"), x, ()
    yield "−1", (y - x).named("f"), x, ()
    yield "2·(x − y)", ((x - y) ** 2).named("f"), x, ()
    yield "−2·(y − x)", ((y - x) ** 2).named("f"), x, ()
    yield "−y/ŷ + (1 − y)/(1 − ŷ)", (-(t * log(p) + (1 - t) * log(1 - p))).named("L"), p, ()
    yield "−y/ŷ + (1 − y)/(1 − ŷ)", (-t * log(p) - (1 - t) * log(1 - p)).named("L"), p, ()
    yield "ŷ₀ − y₀", loss, h[0], probabilities
    yield "ŷ₁ − y₁", loss, h[1], probabilities
    yield "−ŷ₀·ŷ₁", probabilities[0], h[1], probabilities
    yield "−ŷ₁·ŷ₀", probabilities[1], h[0], probabilities
    yield "ŷ₀·(1 − ŷ₀)", probabilities[0], h[0], probabilities
    yield "−f·(1 − f)", ops.sigmoid(-z).named("f"), z, ()
    yield "x/√(x² + y²)", ops.sqrt(x**2 + y**2).named("f"), x, ()
    yield "−(1 − tanh²(x))", ops.tanh(-x).named("f"), x, ()
    yield "2·exp(2·x)", (ops.exp(x) ** 2).named("f"), x, ()
    yield "0.5·erfc(−x/√2) + x·exp(−x²/2)/√(2·π)", ops.gelu(x).named("f"), x, ()
    yield "2·exp(−x²)/√π", ops.erf(x).named("f"), x, ()
    yield "(1 − ln(x))/x²", (log(x) / x).named("f"), x, ()


def second_forms():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    yield "y·(y − 1)·x^(y − 2)", x**y, x
    yield "(2·exp(−x²/2) − x²·exp(−x²/2))/√(2·π)", ops.gelu(x), x
    yield "−4·x·exp(−x²)/√π", ops.erf(x), x
    yield "ln(2)²·2^x", 2**x, x
    yield "−4·sin(x)·cos(x)", ops.sin(x) * ops.cos(x), x
    yield "−(1 − x)·exp(−x) − exp(−x)", x * ops.exp(-x), x
    yield "2·(y − 1)·y − 2·(y − 1)", (-x + y * x) ** 2, x
    yield "4·exp(2·x)", ops.exp(x) ** 2, x
    yield "6·x", x**3, x


@pytest.mark.parametrize("i", range(9))
def test_a_second_derivative_is_written_as_in_a_textbook(i):
    want, output, x = list(second_forms())[i]
    (slope,) = grad(output.named("f"), [x])
    text = str(explain(slope, x, lang="en"))
    line = next(line for line in text.splitlines() if line.startswith("    ∂²f/∂x²"))
    assert line.split(" = ")[1] == want
    assert "≈" not in line.split(" = ")[1]


def test_a_number_of_a_rule_has_its_symbol_in_all_notations():
    slope = textbook(differentiate(ops.gelu(Name("x")), Name("x")))
    assert r"\sqrt{2 \cdot \pi}" in Latex()(slope)
    assert "<msqrt><mn>2</mn><mo>·</mo><mi>π</mi></msqrt>" in MathML()(slope)
    assert evaluate(slope, {"x": 0.7}) == pytest.approx(
        grad(ops.gelu(x := Value(0.7)), [x])[0].data
    )
    assert str(textbook(Name("x") * 1.4142)) == "1.4142·x"  # which is no √2


def test_numbers_of_rules_have_the_symbols_whose_numbers_they_are():
    root, both, pi = math.sqrt(2), math.sqrt(2 * math.pi), math.sqrt(math.pi)
    symbols = {"√2": root, "1/√2": 1 / root, "√(2·π)": both, "1/√(2·π)": 1 / both, "2/√π": 2 / pi}
    symbols |= {f"ln({n})": math.log(n) for n in range(2, 11)}
    for symbol, x in symbols.items():
        assert str(textbook(Number(x))) == symbol
        assert str(textbook(Number(-x))) == f"−{symbol}"
        assert evaluate(textbook(Number(x)), {}) == pytest.approx(x, rel=1e-15)


def test_numbers_above_and_below_are_one_where_they_are_few_digits():
    x = Name("x")
    assert str(textbook(1.5 * x / 0.4)) == "3.75·x"
    assert str(textbook(1.5 * x / 0.7)) == "1.5·x/0.7"
    assert as_fraction(table.sqrt(x) ** 3) is None  # only powers of products are


def test_a_sum_in_a_product_begins_with_what_is_added():
    x, y, z = Name("x"), Name("y"), Name("z")
    assert str(textbook((-x + y) * z * (y - x))) == "(y − x)²·z"
    assert str(textbook((-x + y) / (y - x))) == "1"


def test_the_root_of_a_multiple_of_pi_is_computed_as_it_is_written():
    assert evaluate(root_of_pi.code(Number(2)), {}) == pytest.approx(math.sqrt(2 * math.pi))
    assert root_of_pi(Value(2.0)).data == pytest.approx(math.sqrt(2 * math.pi))


def test_numbers_keep_their_place_in_a_sum():
    x = Name("x")
    assert str(textbook(x + Number(2) + x)) == "2·x + 2"
    assert str(textbook(Apply(table.add, Number(0.5), x))) == "0.5 + x"
    assert str(textbook(Apply(table.add, Number(-0.5), x))) == "x − 0.5"


def test_sums_of_numbers_are_numbers():
    x = Name("x")
    assert str(textbook(x ** Apply(table.sub, Number(5), Number(3)))) == "x²"
    assert str(textbook(x ** Apply(table.add, Number(5), Number(3)))) == "x⁸"


def test_numbers_without_bound_are_left_as_they_are():
    assert str(textbook(Apply(table.mul, Number(math.inf), Number(2.0)))) == "2·∞"


@pytest.mark.parametrize("i", range(30))
def test_a_derivative_is_written_as_in_a_textbook(i):
    want, output, wrt, using = list(forms())[i]
    assert derivative_of(output, wrt, using) == want


def test_a_derivative_without_a_name_for_its_result_is_written_without_it():
    z = Value(0.5, "z")
    y = (ops.sigmoid(z) * 2).named("y")
    cut = outline(y)
    written = str(cut.textbook(y, cut.derivative(y, z)))
    assert written in ("2·σ(z)·(1 − σ(z))", "σ(z)·(1 − σ(z))·2")


def test_an_operation_of_ones_own_called_as_one_of_the_table_is_not_rewritten():
    mine = Op("sigmoid", lambda x: 7 * x, lambda out, x: (7.0,), symbol="σ")
    x = Name("x")
    assert same(textbook(mine(-x)), mine(-x))
    assert evaluate(textbook(mine(-x) * (x + 0)), {"x": 2.0}) == -28.0


def test_what_is_computed_keeps_the_accurate_form():
    x = Value(-40.0, "x")
    assert grad(ops.tanh(x), [x])[0].data == pytest.approx(4 * math.exp(-80), rel=1e-14)
    assert str(textbook(differentiate(ops.tanh(Name("x")), Name("x")))) == "1 − tanh²(x)"
