"""The formula tree: evaluated, differentiated, compared, and built by arithmetic alone."""

import ast
import math

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, ops, table
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.code import Variable
from micrograd_vn.formulas.python import Python
from micrograd_vn.formulas.tree import (
    Apply,
    Derivative,
    Name,
    Number,
    differentiate,
    evaluate,
    formula_of,
    of_all,
    replaced,
    rounded,
    same,
)
from tests.formulas.recipes import FUNCTIONS, PHASES, TABLE, build, number, recipes
from tests.sizes import size

NAMES = [Name("x"), Name("y")]
POINT = st.tuples(*[st.floats(-3, 3).map(lambda x: round(x, 3))] * 2)


def formula(recipe, names=NAMES):
    return build(recipe, names, number=Number)


@settings(max_examples=size(60, 150), phases=PHASES)
@given(recipes(2), POINT)
def test_a_formula_at_numbers_is_the_same_arithmetic_on_floats(recipe, point):
    want = number(lambda: build(recipe, point))
    got = number(lambda: evaluate(formula(recipe), {"x": point[0], "y": point[1]}))
    assert repr(got) == repr(want)


@settings(max_examples=size(60, 150), phases=PHASES)
@given(recipes(2), POINT)
def test_a_formula_is_read_by_pythons_parser_as_what_it_is(recipe, point):
    write = Python()
    names = _Names([Variable("x", "x"), Variable("y", "x")])
    f = formula(recipe, names)
    at = dict(zip(map(write.declare, names), point, strict=True))
    text = write(f)
    ast.parse(text, mode="eval")
    implementations = write.implementations()
    assert not set(at) & set(implementations)
    want = number(lambda: evaluate(f, lambda name: point[names.index_of(name)]))
    got = number(lambda: eval(text, {**implementations, **at}))
    assert repr(got) == repr(want), text


class _Names(list):
    def index_of(self, name):
        return next(i for i, x in enumerate(self) if x is name)


@settings(max_examples=size(80, 200), phases=PHASES)
@given(recipes(2, powers=(0, 1, 2, 3)), POINT)
def test_the_derivative_of_a_formula_is_that_of_its_differences(recipe, point):
    f, at = formula(recipe), {"x": point[0], "y": point[1]}
    try:
        slope = evaluate(differentiate(f, NAMES[0]), at)
    except ERRORS:
        return

    def there(h):
        return number(lambda: evaluate(f, {**at, "x": point[0] + h}))

    def difference(h):
        return (there(h) - there(-h)) / (2 * h)

    if None in [there(h) for h in (0, 1e-4, -1e-4, 5e-5, -5e-5)]:
        return
    coarse, fine = difference(1e-4), difference(5e-5)
    scale = 1 + abs(fine) + abs(there(0))
    if abs(coarse - fine) > 1e-7 * scale or abs(there(1e-4) + there(-1e-4) - 2 * there(0)) > 1e-5:
        return  # steep, or a kink
    assert abs(slope - fine) <= 1e-5 * scale


@settings(max_examples=size(40, 100), phases=PHASES)
@given(recipes(2), POINT)
def test_a_formula_has_the_derivative_that_its_values_have(recipe, point):
    values = [Value(point[0], "x"), Value(point[1], "y")]
    try:
        y = build(recipe, values)
        if not isinstance(y, Value):
            return
        y.backward()
        slope = evaluate(differentiate(formula(recipe), NAMES[0]), {"x": point[0], "y": point[1]})
    except ERRORS:
        return
    if math.isfinite(slope) and math.isfinite(values[0].grad):
        assert slope == pytest.approx(values[0].grad, rel=1e-9, abs=1e-9)


@settings(max_examples=size(40, 100), phases=PHASES)
@given(recipes(2), recipes(2), POINT)
def test_what_is_the_same_is_built_alike_and_has_the_same_value(a, b, point):
    assert same(formula(a), formula(a))
    if a != b and same(formula(a), formula(b)):
        at = {"x": point[0], "y": point[1]}
        assert number(lambda: evaluate(formula(a), at)) == number(lambda: evaluate(formula(b), at))
    assert same(formula(a), formula(b)) == same(formula(b), formula(a))


def test_what_differs_is_not_the_same():
    x, y = NAMES
    different = [
        x, y, Number(2.0), Number(-2.0), x + y, y + x, x - y, x * y, x**2, x**3, 2**x, -x, abs(x),
        ops.exp(x), ops.log(x), Derivative(x, [y]), Derivative(y, [x]), Derivative(x, [y, y]),
        Derivative(x, [y], [Name("h")]), Derivative(x, [y, Name("h")]),
        Op("exp", math.exp, lambda out, x: (out,))(x), ops.maximum(x, y), ops.maximum(y, x),
    ]  # fmt: skip
    for i, f in enumerate(different):
        assert [j for j, g in enumerate(different) if same(f, g)] == [i]
    assert same(Number(3.0), Number(3))
    assert not same(Name("x"), Name("x₁"))
    three = Op("three", lambda x, y, z: x, lambda out, x, y, z: (1.0, 0.0, 0.0))
    assert not same(three(x, x, y), three(x, y, x))


def test_a_rule_called_with_names_is_the_formula_of_the_derivative():
    x = Name("x")
    for name, op in TABLE.items():
        if name in ("dot", "cross_entropy", "power"):
            continue
        count = {"excess": 3, "softmax": 3}.get(name) or next(
            n for n in (1, 2, 3) if accepts(op, n)
        )
        operands = [x, *map(Name, "yzw")][:count]
        assert len(op.partials(op(*operands), *operands)) == count


def accepts(op, n):
    try:
        op.partials(Name("r"), *map(Name, "abc"[:n]))
    except TypeError:
        return False
    return True


def test_a_comparison_of_formulas_says_what_to_write_instead():
    x = Name("x")
    for decide in (
        lambda: x > 0,
        lambda: x == x,
        lambda: x != 1,
        lambda: bool(x),
        lambda: max(x, x + 1),
        lambda: float(x + 1),
        lambda: round(x),
        lambda: math.exp(x),
    ):
        with pytest.raises(TypeError, match="of micrograd_vn"):
            decide()


def test_plain_numbers_of_any_kind_stand_on_either_side():
    x = Name("x")
    for n in (2, 2.0, np.float64(2), np.int64(2)):
        for f in (x + n, n + x, x - n, n - x, x * n, n * x, x / n, n / x, x**n, n**x):
            assert f.op is not None
            want = eval(str(f.op and table_sign(f)), {}, {"a": 3.0, "b": 2.0})
            assert evaluate(f, {"x": 3.0}) in (want, eval(table_sign(f), {}, {"a": 2.0, "b": 3.0}))


def table_sign(f):
    signs = {table.add: "+", table.sub: "-", table.mul: "*", table.div: "/", table.power: "**"}
    return f"a {signs[f.op]} b"


def test_a_name_without_a_number_is_an_error():
    with pytest.raises(KeyError, match="y"):
        evaluate(Name("x") * Name("y"), {"x": 1.0})


def test_replacing_changes_from_below_and_keeps_what_does_not_change():
    x, y = NAMES
    kept = y * 2
    f = ops.exp(x) + kept
    g = replaced(f, lambda node: Name("z") if node is x else None)
    assert str(g) == "exp(z) + y·2" == f"{g}"
    assert g.parents[1] is kept
    assert replaced(f, lambda node: None) is f


@settings(max_examples=size(20, 60), phases=PHASES)
@given(recipes(2), POINT)
def test_the_formula_of_a_value_is_how_it_was_computed(recipe, point):
    values = [Value(point[0]), Value(point[1])]
    try:
        y = build(recipe, values)
    except ERRORS:
        return
    if isinstance(y, Value) and y.op is not None:
        names = dict(zip(values, NAMES, strict=True))
        f = formula_of(y, names, lambda v: Number(v.data))
        for there in (point, (0.3, -1.7)):
            want = number(lambda there=there: build(recipe, there))
            got = number(lambda there=there: evaluate(f, {"x": there[0], "y": there[1]}))
            assert repr(got) == repr(want)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 15))
@example(0.75, 1)
def test_rounding_is_that_of_a_school(x, digits):
    shown = rounded(x, digits).shown
    with mpmath.workdps(40):
        exact = mpmath.mpf(repr(x))
        unit = mpmath.mpf(10) ** (math.floor(mpmath.log10(abs(exact))) - digits + 1) if x else 1
        noise = abs(exact) * mpmath.mpf("1e-13")  # of a machine: it is no part of the number
        assert abs(mpmath.mpf(str(shown)) - exact) <= unit / 2 + noise


@pytest.mark.parametrize(
    ("x", "digits", "want"),
    [(0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (2.5, 1, "3"), (0.39705, 4, "0.3971"),
     (-0.11135, 4, "-0.1114"), (12345.678, 4, "12346"), (0.0, 4, "0"), (9.9999, 3, "10"),
     (math.inf, 4, "Infinity"), (-math.inf, 4, "-Infinity"), (math.nan, 4, "NaN")],
)  # fmt: skip
def test_a_tie_is_rounded_away_from_zero(x, digits, want):
    assert f"{rounded(x, digits).shown:f}" == want


def test_softmax_of_many_is_whole_where_all_its_parts_are_of_the_same_operands():
    a, b, c = (Name(x) for x in "abc")
    largest = Apply(table.largest_op, a, b)
    excess = Apply(table.excess_op, largest, a, b)
    op, operands = of_all(Apply(table.softmax_of_many_op, b, largest, excess))
    assert (op, operands) == (table.softmax_op, [b, a])
    for x, of in ((c, (largest, a, b)), (b, (largest, a, c)), (b, (largest, b, a))):
        other = Apply(table.softmax_of_many_op, x, largest, Apply(table.excess_op, *of))
        assert of_all(other) == (other.op, other.parents)


def test_depth_and_sharing_are_no_matter():
    x = f = Name("x")
    for _ in range(60):
        f = f + f
    assert evaluate(f, {"x": 1.0}) == 2.0**60
    assert evaluate(differentiate(f, x), {"x": 1.0}) == 2.0**60
    for _ in range(20_000):
        f = f * 0.5 + 1
    assert evaluate(f, {"x": 1.0}) == 2.0
    assert evaluate(differentiate(f, x), {"x": 1.0}) >= 0
    assert replaced(f, lambda node: None) is f


class Counted(Name):
    """A name that counts how often it is looked at."""

    looks = 0

    def __getattribute__(self, name):
        if name == "label":
            Counted.looks += 1
        return super().__getattribute__(name)


def test_formulas_of_shared_parts_are_compared_in_linear_time():
    f, g = Counted("x"), Counted("x")
    for _ in range(14):
        f, g = f + f, g + g
    Counted.looks = 0
    assert same(f, g)
    assert Counted.looks < 100


def test_deep_formulas_are_compared():
    f = g = Name("x")
    for _ in range(3000):
        f, g = f + 1, g + 1
    assert same(f, g)


def test_every_function_of_the_recipes_is_of_the_table():
    assert set(FUNCTIONS) <= set(TABLE)
