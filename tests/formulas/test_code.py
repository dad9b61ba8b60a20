"""Formulas as programs: Python for floats and arrays, JavaScript, against recording."""

import ast
import inspect
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, explain, grad, lambdify, ops
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.javascript import JavaScript
from tests.formulas.browser import CHROMIUM, NODE, chromium, close, node
from tests.formulas.recipes import FUNCTIONS, PHASES, TABLE, build, examples, number, recipes, slack
from tests.sizes import size

jax.config.update("jax_enable_x64", True)

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

# Names that an operation of one's own may have: those of the table, of the languages, and worse.
NAMES = [
    "mine", "tanh", "exp", "mul", "add", "pow", "abs", "sigmoid", "f", "inf", "nan", "np", "class",
    "math", "Math", "NaN", "Infinity", "function", "let", "x", "x0", "v1", "t1", "op1",
    "erfSeries", "__proto__", "constructor", "", " ", "a b", "1x", "*/", "//", "os.system('x')",
    "\n", "\u2028", "'", '"', "`", "\\", "ﬁ", "𝐱", "\ud800", "lambda: 1", "σ", "f(x)", "del",
    "__import__", "return",
]  # fmt: skip
POINTS = st.tuples(*[st.floats(-3, 3).map(lambda x: round(x, 3))] * 2)


class Case:
    """An operation of the user's own: arithmetic forward, arithmetic partials, any name."""

    def __init__(self, n, forward, rules, name, nested):
        self.n, self.recipe, self.rules = n, forward, rules[:n]
        inner = Op(name, lambda *xs: build(forward, xs), self.partials)
        self.op = Op(name, lambda *xs: inner(*xs), self.partials) if nested else inner

    def partials(self, out, *xs):
        return [build(rule, (*xs, out)) for rule in self.rules]

    def __repr__(self):
        return f"{self.op.name!r} of {self.n}: {self.recipe}, partials {self.rules}"

    def outputs(self, at):
        """Return the inputs, and the outputs recorded at a point, or None where there is none."""
        inputs = [Value(x, f"x{i}") for i, x in enumerate(at[: self.n])]
        try:
            y = self.op(*inputs)
            outputs = [y, *grad(y, inputs)]
        except ERRORS:
            return None
        return (inputs, outputs) if all(math.isfinite(v.data) for v in outputs) else None

    def wanted(self, at):
        """Return the numbers at a point, each with what it may be off by."""
        recorded = self.outputs(at)
        if recorded is None:
            return None
        numbers = [v.data for v in recorded[1]]
        xs = tuple(at[: self.n])
        slacks = [slack(r, (*xs, numbers[0])) for r in (self.recipe, *self.rules)]
        # What `out` is off by matters to the rules: they are built of it.
        moved = [
            max(
                abs((number(lambda r=r, d=d: build(r, (*xs, numbers[0] + d))) or math.inf) - x)
                for d in (slacks[0], -slacks[0])
            )
            for r, x in zip(self.rules, numbers[1:], strict=True)
            if math.isfinite(slacks[0])
        ]
        slacks[1:] = [s + m for s, m in zip(slacks[1:], moved, strict=False)]
        return list(zip(numbers, slacks, strict=True))


CASES = st.integers(1, 2).flatmap(
    lambda n: st.builds(
        Case,
        st.just(n),
        recipes(n),
        st.lists(recipes(n + 1, leaves=3), min_size=2, max_size=2),
        st.sampled_from(["mine", "tanh", "exp", "mul", "abs", "f", "inf", "np", "class"]),
        st.booleans(),
    )
)


@settings(max_examples=size(60, 150), phases=PHASES)
@given(CASES, st.lists(POINTS, min_size=4, max_size=4))
def test_a_compiled_forward_of_ones_own_is_the_recorded_one_on_floats_to_the_last_bit(case, points):
    recorded = case.outputs(points[0])
    if recorded is None:
        return
    f = lambdify(*recorded)
    for at in points:
        if (there := case.outputs(at)) is not None:
            want = [repr(v.data) for v in there[1]]
            assert [repr(float(r)) for r in f(*at[: case.n])] == want


def check_arrays(case, points, library):
    """Check a compiled function on arrays; return how many numbers were compared."""
    recorded = case.outputs(points[0])
    if recorded is None:
        return 0
    f = lambdify(*recorded, library)
    columns = [library.asarray(xs) for xs in list(zip(*points, strict=True))[: case.n]]
    with np.errstate(all="ignore"):
        results = [np.broadcast_to(np.asarray(r), len(points)) for r in f(*columns)]
    count = 0
    for i, at in enumerate(points):
        for (want, tolerance), got in zip(case.wanted(at) or [], results, strict=False):
            count += math.isfinite(tolerance)
            assert close(got[i], want, tolerance), (case, at, got[i], want, f.source)
    return count


@settings(max_examples=size(60, 150), phases=PHASES)
@given(CASES, st.lists(POINTS, min_size=4, max_size=4))
def test_a_compiled_forward_of_ones_own_is_the_recorded_one_on_arrays(case, points):
    check_arrays(case, points, np)


@settings(max_examples=12, phases=PHASES)
@given(CASES, st.lists(POINTS, min_size=4, max_size=4))
def test_a_compiled_forward_of_ones_own_is_the_recorded_one_in_jax(case, points):
    check_arrays(case, points, jnp)


def test_the_random_forwards_have_numbers_to_compare():
    cases = examples(st.tuples(CASES, st.lists(POINTS, min_size=4, max_size=4)), 100)
    assert sum(check_arrays(case, points, np) for case, points in cases) > 300


def batch(n):
    """Return cases that compile to JavaScript, and the points at which each has a value."""
    cases, scripts, points = [], [], []
    for case, ats in examples(st.tuples(CASES, st.lists(POINTS, min_size=4, max_size=4)), n):
        if case.outputs(ats[0]) is not None:
            cases.append(case)
            scripts.append(lambdify(*case.outputs(ats[0]), "javascript"))
            points.append([list(at[: case.n]) for at in ats if case.outputs(at) is not None])
    return cases, scripts, points


def check_scripts(run, n, tmp_path):
    cases, scripts, points = batch(n)
    results = run(scripts, points, tmp_path)
    wrong, count = [], 0
    for case, script, ats, rows in zip(cases, scripts, points, results, strict=True):
        for at, row in zip(ats, rows, strict=True):
            for (want, tolerance), got in zip(case.wanted(at), row, strict=True):
                count += math.isfinite(tolerance)
                if not close(got, want, tolerance):
                    wrong.append((len(script.source), f"{case} at {at}: {got} for {want}", script))
    assert not wrong, (len(wrong), *min(wrong, key=lambda w: w[0])[1:])
    return count


@needs_node
def test_a_compiled_forward_of_ones_own_is_the_recorded_one_in_node(tmp_path):
    assert check_scripts(node, 250, tmp_path) > 800


@needs_chromium
def test_a_compiled_forward_of_ones_own_is_the_recorded_one_on_a_page(tmp_path):
    assert check_scripts(chromium, 60, tmp_path) > 150


# Every operation of the table

EXTREME = [
    0.7, -0.7, 2.0, -2.0, 0.0, 1.0, -1.0, 1e-8, -1e-8, 1.5, -1.5, 5.7, -5.7, 26.0, -26.0, 40.0,
    -40.0, 700.0, -700.0, 1e-300, -1e-300, 1e5, -1e5, 1e150, -1e150, 1e300, -1e300, 1e16,
]  # fmt: skip
PAIRS = list(
    itertools.product([0.7, -0.7, 0.0, 2.0, -2.0, 3.0, 1e-150, 1e100, -1e100, 0.5], repeat=2)
)
PAIRS += [(-1.0, 2.0**53 + 2), (-1.0, -(2.0**60))]
SEVERAL = {
    "dot": [[0.7, 1.3, -0.4, 2.0, 0.1], [1e150, -1e100, 2.0, 1e100]],
    "largest": [[0.7, 1.3, -0.4], [1e300, -1e300, 0.0]],
    "excess": [[1.3, 0.7, 1.3, -0.4], [1e16, 1e16, 1e16], [3.0, 3.0, -40.0]],
    "softmax": [[0.7, 1.3, 0.5], [1e16, 1e16, 0.7], [-800.0, 0.0, 0.1]],
    "softmax_rest": [[0.7, 1.3, 0.5], [1e16, 1e16, 0.7], [-800.0, 0.0, 0.1]],
    "softmax_of_many": [[0.7, 1.3, 0.5], [1e16, 1e16, 0.7], [-800.0, 0.0, 0.1]],
    "log_softmax_of_many": [[0.7, 1.3, 0.5], [1e16, 1e16, 0.7], [-800.0, 0.0, 0.1]],
    "logsumexp": [[0.7, 1.3, -0.4], [1e16, 1e16], [1e3, -1e3, 0.0], [0.0, -40.0]],
    "cross_entropy": [
        [0.7, 1.3, 0.2, 0.8], [1e16, 1e16, 1.0, 0.0], [1e3, -1e3, 0.0, 1.0], [40.0, 0.0, 1.0, 0.0],
    ],
}  # fmt: skip


def with_derivatives(op, at):
    """Return inputs, value, first and second derivatives; those that exist."""
    inputs = [Value(x, f"x{i}") for i, x in enumerate(at)]
    try:
        outputs = [op(*inputs)]
        for _ in range(2):
            outputs += [d for y in outputs[:] for d in grad(y, inputs)]
    except ERRORS:
        return None
    return inputs, outputs


def table_cases():
    """Yield for each operation a graph, and the points at which it was recorded."""
    for name, op in TABLE.items():
        count = op.forward.__code__.co_argcount if hasattr(op.forward, "__code__") else None
        two = {"add", "sub", "mul", "div", "pow", "power_slope", "greater", "maximum", "minimum"}
        points = SEVERAL.get(name) or (
            PAIRS if name in two or count == 2 else [[x] for x in EXTREME]
        )
        for _, group in itertools.groupby(points, len):
            there = [(at, with_derivatives(op, at)) for at in group]
            there = [(list(at), recorded) for at, recorded in there if recorded is not None]
            assert there, name
            yield name, there


def agrees(got, want):
    if math.isnan(want):
        return math.isnan(got)
    return got == want or abs(got - want) <= 2e-12 * abs(want) + 1e-290


@needs_node
def test_every_operation_has_its_value_and_derivatives_in_javascript_at_any_size(tmp_path):
    cases = list(table_cases())
    assert {name for name, _ in cases} == set(TABLE)
    scripts = [lambdify(*there[0][1], "javascript") for _, there in cases]
    rows = node(scripts, [[at for at, _ in there] for _, there in cases], tmp_path)
    wrong = {}
    for (name, there), results in zip(cases, rows, strict=True):
        for (at, (_, outputs)), got in zip(there, results, strict=True):
            for i, (g, v) in enumerate(zip(got, outputs, strict=True)):
                if not agrees(g, v.data):
                    wrong.setdefault(name, []).append((at, i, g, v.data))
    assert not wrong, "\n".join(f"{name}: {len(w)}, {w[:6]}" for name, w in wrong.items())


DIGITS = {  # where a plain formula, or a library, loses digits
    "erfc": ([k / 50 for k in range(-100, 1300, 3)], math.erfc),
    "erf": ([k / 50 for k in range(-100, 300, 3)], math.erf),
    "log1p": ([k / 200 for k in range(-190, 190)], math.log1p),
}


@needs_node
@pytest.mark.parametrize("name", DIGITS)
def test_an_operation_keeps_its_digits_in_javascript(name, tmp_path):
    points, exact = DIGITS[name]
    x = Value(0.5, "x")
    script = lambdify([x], TABLE[name](x), "javascript")
    (results,) = node([script], [[[at] for at in points]], tmp_path)
    for at, result in zip(points, results, strict=True):
        assert math.isclose(result, exact(at), rel_tol=4e-15), at


@pytest.mark.parametrize("library", ["numpy", jnp], ids=["numpy", "jax"])
@pytest.mark.parametrize("name", DIGITS)
def test_an_operation_keeps_its_digits_on_arrays(name, library):
    points, exact = DIGITS[name]
    x = Value(0.5, "x")
    for at, result in zip(
        points, lambdify([x], TABLE[name](x), library)(np.array(points)), strict=True
    ):
        assert math.isclose(result, exact(at), rel_tol=4e-15), at


def test_every_operation_has_its_value_and_derivatives_on_arrays_at_any_size():
    wrong = {}
    for name, there in table_cases():
        f = lambdify(*there[0][1], "numpy")
        columns = [np.array(xs) for xs in zip(*[at for at, _ in there], strict=True)]
        with np.errstate(all="ignore"):
            results = [np.broadcast_to(r, len(there)) for r in f(*columns)]
        for j, (at, (_, outputs)) in enumerate(there):
            for i, v in enumerate(outputs):
                if not agrees(results[i][j], v.data):
                    wrong.setdefault(name, []).append((at, i, results[i][j], v.data))
    assert not wrong, "\n".join(f"{name}: {len(w)}, {w[:6]}" for name, w in wrong.items())


UNARY = [name for name, op in TABLE.items() if op.partials.__code__.co_argcount == 2]
UNARY = [name for name in UNARY if not TABLE[name].partials.__code__.co_flags & inspect.CO_VARARGS]


@pytest.mark.parametrize("name", UNARY)
def test_an_operation_on_arrays_has_the_value_and_derivative_of_floats_at_infinity(name):
    x = Value(0.5, "x")
    y = TABLE[name](x)
    f = lambdify([x], [y, *grad(y, [x])], "numpy")
    for at in (math.inf, -math.inf):
        x = Value(at)
        try:
            y = TABLE[name](x)
            y.backward()
        except ERRORS:
            continue
        with np.errstate(all="ignore"):
            got = [np.broadcast_to(r, 2)[1].item() for r in f(np.array([0.5, at]))]
        assert all(map(agrees, got, [y.data, x.grad])), (at, got, y.data, x.grad)


# An `if` is found out

DECIDING = {
    "if": lambda x: x if x > 0 else 0.1 * x,
    "less": lambda x: x * (x < 1),
    "equal": lambda x: 1.0 if x == 0 else x,
    "not equal": lambda x: x if x != 0 else 1.0,
    "truth": lambda x: x if x else 1.0,
    "or": lambda x: x or 1.0,
    "not": lambda x: 0.0 if not (x * 1) else x,
    "max": lambda x: max(x, 0.1 * x),
    "sorted": lambda x: sorted([x, 0.0])[0],
    "in": lambda x: 1.0 if x in (0.0, 1.0) else x,
    "float": lambda x: float(x) * 2,
    "int": lambda x: int(x) + x,
    "round": lambda x: round(x) + x,
    "floor": lambda x: math.floor(x) + x,
    "math.exp": lambda x: math.exp(x),
    "isnan": lambda x: 0.0 if math.isnan(x) else x,
    "after an operation": lambda x: x if ops.exp(x) * 2 > 1 else -x,
}
WORDS = "of micrograd_vn"


@pytest.mark.parametrize("rule", DECIDING.values(), ids=list(DECIDING))
def test_a_rule_that_decides_by_the_data_is_found_out_by_grad_and_explain(rule):
    op = Op("mine", lambda x: x * x, lambda out, x: (rule(x),))
    x = Value(0.5, "x")
    y = op(x).named("y")
    y.backward()  # on numbers it may decide
    assert x.grad == rule(0.5)
    with pytest.raises(TypeError, match="derivative of mine") as caught:
        grad(y, [x])
    caught.match(WORDS)
    with pytest.raises(TypeError, match="derivative of mine") as caught:
        explain(y, x)
    caught.match(WORDS)


def test_a_rule_that_decides_by_its_result_or_second_operand_is_found_out():
    x, y = Value(0.5, "x"), Value(2.0, "y")
    by_result = Op("mine", lambda x: x * x, lambda out, x: (out if out > 1 else x,))
    by_second = Op("mine", lambda x, y: x * y, lambda out, x, y: (y, x if y > 1 else 0.0))
    for z in (by_result(x), by_second(x, y)):
        with pytest.raises(TypeError, match="decides by the data"):
            grad(z, [x])


@pytest.mark.parametrize("swapped", [False, True])
def test_a_rule_is_looked_at_again_where_other_operands_are_constants(swapped):
    op = Op("mine", lambda x, n: x**n, lambda out, x, n: (n * x if n > 1 else 1.0, 0.0))
    x, n = Value(0.5, "x"), Value(2.0, "n")
    a, b = op(x, 3.0), op(x, n)
    grad(a, [x])  # of a constant it may decide
    with pytest.raises(TypeError, match="decides by the data"):
        grad(b * a if swapped else a * b, [x])


@pytest.mark.parametrize("modules", ["numpy", "javascript"])
@pytest.mark.parametrize("forward", DECIDING.values(), ids=list(DECIDING))
def test_a_forward_that_decides_by_the_data_is_found_out_by_lambdify(forward, modules):
    op = Op("mine", forward, lambda out, x: (1.0,))
    x = Value(0.5, "x")
    y = op(x) + 1
    assert lambdify([x], y)(2.0) == op(2.0) + 1
    with pytest.raises(TypeError, match="operation 'mine'") as caught:
        lambdify([x], y, modules)
    caught.match(
        "arrays=lambda np, x"
        if modules == "numpy"
        else "give its Op code=lambda x: … with arithmetic and operations$"
    )


@needs_node
def test_what_the_messages_say_to_write_works(tmp_path):
    leaky = Op(
        "leaky", lambda x: ops.maximum(x, 0.1 * x), lambda out, x: (0.1 + 0.9 * ops.step(x),)
    )
    hand = Op(
        "hand",
        lambda x: x if x > 0 else 0.1 * x,
        lambda out, x: (0.1 + 0.9 * ops.step(x),),
        arrays=lambda np, x: np.where(x > 0, x, 0.1 * x),
        code=lambda x: ops.maximum(x, 0.1 * x),
    )
    x = Value(0.5, "x")
    outputs = [leaky(x), hand(x), *grad(leaky(x), [x]), *grad(hand(x), [x])]
    want = [[2.0, 2.0, 1.0, 1.0], [-0.2, -0.2, 0.1, 0.1]]
    assert node([lambdify([x], outputs, "javascript")], [[[2.0], [-2.0]]], tmp_path)[0] == want
    got = lambdify([x], outputs, "numpy")(np.array([2.0, -2.0]))
    assert np.array(got).T.tolist() == want


# An operation of one's own is that and no other


@pytest.mark.parametrize("name", ["tanh", "exp", "mul", "pow", "neg", "sigmoid", "softmax"])
def test_an_operation_named_like_one_of_the_table_changes_nothing_but_itself(name, tmp_path):
    x, n = Value(0.5, "x"), Value(3.0, "n")

    def outputs():
        y = ops.tanh(x) * ops.sigmoid(-x) + x**n + sum(ops.softmax([x, n]))
        return [y, *grad(y, [x, n])]

    before = [v.data for v in outputs()]
    mine = Op(name, lambda *xs: 10 * xs[0] + 7, lambda out, *xs: (10.0,) * len(xs))
    assert [v.data for v in outputs()] == before
    assert (x.tanh().data, (-x).data) == (math.tanh(0.5), -0.5)
    results = [*outputs(), mine(x), *grad(mine(x), [x])]
    want = [*before, 12.0, 10.0]
    assert lambdify([x, n], results)(0.5, 3.0) == want
    np.testing.assert_allclose(lambdify([x, n], results, "numpy")(0.5, 3.0), want, rtol=1e-14)
    if NODE:
        script = lambdify([x, n], results, "javascript")
        got = node([script], [[[0.5, 3.0]]], tmp_path)[0][0]
        np.testing.assert_allclose(got, want, rtol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_and_its_input_and_result_of_any_name_compile(name):
    made = Op(name, lambda x: x * x + 1, lambda out, x: (2 * x,))
    known = Op(name, math.cosh, lambda out, x: (1.0,))  # called, not written
    x = Value(0.5, name)
    y = made(x).named(name)
    z = known(y * 0.1)
    f = lambdify([x], [y, z, *grad(y, [x])])
    assert f(3.0) == [10.0, math.cosh(1.0), 6.0]
    assert {type(s) for s in ast.parse(f.source).body[0].body} == {ast.Assign, ast.Return}
    assert lambdify([x], [y, *grad(y, [x])], "numpy")(3.0) == [10.0, 6.0]


@needs_node
def test_operations_and_inputs_of_any_name_compile_side_by_side(tmp_path):
    made = [
        Op(name, lambda x, i=i: x * x + i, lambda out, x: (2 * x,)) for i, name in enumerate(NAMES)
    ]
    known = [Op(name, math.cosh, lambda out, x: (1.0,)) for name in NAMES]
    inputs = [Value(0.1 * i, name) for i, name in enumerate(NAMES)]
    recorded = [op(x).named(op.name) for op, x in zip(made, inputs, strict=True)]
    called = [op(x) for op, x in zip(known, inputs, strict=True)]
    point = [0.3 + i for i in range(len(NAMES))]
    want = [x * x + i for i, x in enumerate(point)]
    script = lambdify(inputs, recorded, "javascript")
    np.testing.assert_allclose(node([script], [[point]], tmp_path)[0][0], want)
    np.testing.assert_allclose(lambdify(inputs, recorded, "numpy")(*point), want)
    f = lambdify(inputs, [*recorded, *called])
    assert f(*point) == [*want, *map(math.cosh, point)]


# Helpers


@needs_node
def test_a_script_names_the_helpers_that_it_calls_and_no_others(tmp_path):
    x = Value(0.5, "x")
    assert lambdify([x], ops.tanh(x) * 2 + abs(x) ** 3, "javascript").helpers == ()
    for name, op in FUNCTIONS.items():
        operands = [x, Value(0.3)] if name in ("maximum", "minimum") else [x]
        script = lambdify([x], op(*operands), "javascript")
        called = {h for h in script.helpers if f"{h}(" in script.source}
        assert called == set(script.helpers)
        assert set(script.helpers) <= set(TABLE)
    assert lambdify([x], ops.sigmoid(x), "javascript").helpers == ("sigmoid",)


# Size


def deep(x):
    for _ in range(60):
        x = x * x
    return x


@pytest.mark.parametrize(
    ("forward", "most"),
    [
        (deep, 70),
        (lambda x: sum([x * i for i in range(3000)]), 6100),
        (lambda x: math.prod([x] * 2000), 2100),
        (lambda x: [y := x, *[y := ops.tanh(y) + y for _ in range(50)]][-1], 120),
    ],
    ids=["squares", "sum", "product", "layers"],
)
@needs_node
def test_a_large_forward_compiles_in_linear_size(forward, most, tmp_path):
    op = Op("mine", forward, lambda out, x: (out,))
    x = Value(1.0, "x")
    f = lambdify([x], op(x), "numpy")
    script = lambdify([x], op(x), "javascript")
    for source in (f.source, script.source):
        operations = sum(source.count(s) for s in (" * ", " + ", "tanh("))
        assert operations <= most
        assert max(map(len, source.splitlines())) < 3000
    want = op(1.0001)
    assert f(1.0001) == pytest.approx(want, rel=1e-12)
    assert node([script], [[[1.0001]]], tmp_path)[0][0] == pytest.approx(want, rel=1e-12)


def test_an_operation_may_be_made_of_operations_of_ones_own_many_times():
    op = Op("mine0", lambda x: x * 1.01, lambda out, x: (1.01,))
    for i in range(1, 60):
        op = Op(f"mine{i}", lambda x, op=op: op(x) + 0.01 * x, lambda out, x: (1.0,))
    x = Value(0.5, "x")
    assert lambdify([x], op(x), "numpy")(2.0) == pytest.approx(op(2.0), rel=1e-14)
    assert op(2.0) == pytest.approx(2 * (1.01 + 0.59))


def test_numbers_of_javascript():
    written = [JavaScript().literal(x) for x in (0.1, -2.0, math.inf, -math.inf, math.nan)]
    assert written == ["0.1", "-2.0", "Infinity", "-Infinity", "NaN"]
