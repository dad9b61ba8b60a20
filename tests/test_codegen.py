"""`lambdify`: the compiled function does what the graph did, on floats and on arrays."""

import ast
import gc
import math
import tracemalloc
import weakref

import dask.array as da
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import (
    Op,
    Value,
    cross_entropy,
    dot,
    exp,
    grad,
    lambdify,
    log,
    logsumexp,
    maximum,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from micrograd_vn.exercises import network
from tests.operations import TABLE
from tests.sizes import size
from tests.test_engine import programs, run

jax.config.update("jax_enable_x64", True)

POINTS = {  # operands for every operation of the table
    1: [[0.7], [1.5], [30.0]],
    2: [[0.7, 1.3], [2.5, 0.5], [1.0, 1.0]],
    "dot": [[0.7, 1.3, -0.4, 2.0, 0.1]],
    "largest": [[0.7, 1.3, -0.4]],
    "excess": [[1.3, 0.7, 1.3, -0.4], [1000.0, 1000.0, -1000.0, 0.0]],
    "softmax": [[0.7, 1.3, -0.4], [1000.0, -1000.0, 0.0], [30.0, 0.0, 1.0]],
    "softmax_rest": [[0.7, 1.3, -0.4], [1000.0, -1000.0, 0.0], [30.0, 0.0, 1.0]],
    "softmax_of_many": [[0.7, 1.3, 0.5], [2.5, 2.5, 0.0]],
    "log_softmax": [[0.7, 1.3, -0.4], [1000.0, -1000.0, 0.0], [30.0, 0.0, 1.0]],
    "log_softmax_of_many": [[0.7, 1.3, 0.5], [2.5, 2.5, 0.0]],
    "logsumexp": [[0.7, 1.3, -0.4], [1000.0, -1000.0, 0.0]],
    "cross_entropy": [[0.7, 1.3, -0.4, 0.2, 0.5, 0.3], [1000.0, -1000.0, 0.0, 0.0, 1.0, 0.0]],
}
BINARY = {
    "add",
    "sub",
    "mul",
    "div",
    "pow",
    "power_slope",
    "greater",
    "maximum",
    "minimum",
    "leaky_relu",
}
LIBRARIES = [np, jnp, da]


def points(name):
    return POINTS.get(name) or POINTS[2 if name in BINARY else 1]


def compiled(values, output, modules):
    """Return value, first and second derivatives as a list, compiled."""
    first = grad(output, values)
    seconds = [d for dx in first for d in grad(dx, values)]
    return lambdify(values, [output, *first, *seconds], modules), [output, *first, *seconds]


@pytest.mark.parametrize("name", TABLE)
def test_every_operation_compiles_for_every_library(name):
    wants = []
    for point in points(name):
        values = [Value(x) for x in point]
        f, recorded = compiled(values, TABLE[name](*values), "math")
        wants.append([v.data for v in recorded])
        assert f(*point) == wants[-1]
    for library in LIBRARIES:  # what was recorded at the last point, at all of them
        g, _ = compiled(values, TABLE[name](*values), library)
        if name not in ("softplus", "gelu", "leaky_relu"):  # these are written out for arrays
            assert g.source == f.source
        columns = [library.asarray(xs) for xs in zip(*points(name), strict=True)]
        results = g(*columns)
        if library is da:
            results = da.compute(*results, scheduler="sync")
        for got, numbers in zip(results, zip(*wants, strict=True), strict=True):
            np.testing.assert_allclose(
                np.broadcast_to(np.asarray(got), len(numbers)), numbers, rtol=1e-12, atol=1e-15
            )


@given(programs())
def test_floats_agree_with_the_recorded_graph_to_the_last_bit(program):
    inputs, steps = program
    values = [Value(x) for x in inputs]
    output = run(values, steps, 0)
    f, recorded = compiled(values, output, "math")
    assert f(*inputs) == [v.data for v in recorded]
    output.backward()
    assert f(*inputs)[1 : 1 + len(values)] == [v.grad for v in values]


@given(programs(), st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=3, max_size=3))
def test_arrays_agree_with_recording_at_other_points(program, others):
    inputs, steps = program
    values = [Value(x) for x in inputs]
    try:
        output = run(values, steps, 0)
        second = [Value(x) for x in others[: len(inputs)]]
        output_there = run(second, steps, 0)
    except OverflowError:
        return
    f = lambdify(values, [output, *grad(output, values)], "numpy")
    want = [output_there, *grad(output_there, second)]
    batch = [np.array([x, y]) for x, y in zip(inputs, others, strict=False)]
    with np.errstate(all="ignore"):
        results = f(*batch)
    for got, value in zip(results, want, strict=True):
        got = np.broadcast_to(got, 2)[1]
        assert got == pytest.approx(value.data, rel=1e-12, abs=1e-12)


@settings(max_examples=8)
@given(programs())
def test_jit_agrees_with_recording(program):
    inputs, steps = program
    values = [Value(x) for x in inputs]
    output = run(values, steps, 0)
    f, recorded = compiled(values, output, jnp)
    for got, value in zip(jax.jit(f)(*inputs), recorded, strict=True):
        assert float(got) == pytest.approx(value.data, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("library", LIBRARIES)
def test_kinks_follow_the_data_and_not_the_traced_branch(library):
    x, y = Value(-1.0, "x"), Value(2.0, "y")
    outputs = [relu(x), abs(x), maximum(x, y)]
    outputs += [d for output in outputs for d in grad(output, [x])]
    f = lambdify([x, y], outputs, library)
    at = library.asarray([-3.0, 0.0, 2.0, 5.0])
    results = [np.asarray(r).tolist() for r in f(at, 2.0)]
    assert results == [
        [0.0, 0.0, 2.0, 5.0],
        [3.0, 0.0, 2.0, 5.0],
        [2.0, 2.0, 2.0, 5.0],
        [0.0, 0.0, 1.0, 1.0],
        [-1.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 0.5, 1.0],
    ]


def test_a_variable_exponent_follows_the_data_too():
    x, y = Value(2.0), Value(3.0)
    f = lambdify([x, y], grad(x**y, [x, y]), "numpy")
    by_x, by_y = f(np.array([0.0, 0.0, 0.0, -2.0, 2.0]), np.array([0.0, 1.0, 2.0, 2.0, -1.0]))
    assert by_x.tolist() == [0.0, 1.0, 0.0, -4.0, -0.25]
    np.testing.assert_array_equal(by_y, [0.0, 0.0, 0.0, math.nan, 0.5 * math.log(2.0)])


def test_the_source_of_the_exercises_network():
    exercise = network()
    inputs = [exercise.nodes[k] for k in ("x", "w₁", "b₁", "w₂", "w₂′")]
    outputs = [exercise.nodes["L"], exercise.nodes["ŷ₀"], *grad(exercise.nodes["L"], inputs[1:2])]
    f = lambdify(inputs, outputs)
    assert (
        f.source
        == """\
def f(x, w1, b1, w2, w2_prime):
    # forward
    v1 = w1 * x
    z0 = v1 + b1
    R = relu(z0)
    h0 = w2 * R
    h1 = w2_prime * R
    L = cross_entropy(h0, h1, 1.0, 0.0)
    # backward
    y_hat0 = softmax(h0, h1)
    d1 = y_hat0 - 1.0
    d2 = d1 * w2
    d3 = softmax(h1, h0)
    d4 = d3 * w2_prime
    d5 = d2 + d4
    d6 = step(z0)
    d7 = d5 * d6
    dL_dw1 = d7 * x
    return [L, y_hat0, dL_dw1]
"""
    )
    assert f(3.0, 0.8, 0.0, 0.3, -0.4)[2] == exercise.nodes["w₁"].grad


def lines(f):
    return [line.strip() for line in f.source.splitlines() if " = " in line]


def test_what_occurs_twice_is_computed_once():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    f = lambdify([x, y], exp(x * y) + exp(x * y) * (x * y))
    assert lines(f) == ["v1 = x * y", "v2 = exp(v1)", "v3 = v2 * v1", "v4 = v2 + v3"]


def test_nothing_is_computed_that_no_output_needs():
    x = Value(1.0, "x")
    tanh(x * 3)
    y = x * 2
    exp(y)
    assert lines(lambdify([x], y)) == ["v1 = x * 2.0"]


def test_leaves_that_are_no_inputs_are_constants():
    x, w = Value(1.0, "x"), Value(-2.0, "w")
    f = lambdify([x], (w * 3 + 1) * x + w)
    assert lines(f) == ["v1 = (-5.0) * x", "v2 = v1 + (-2.0)"]
    assert f(10.0) == -52.0
    assert lambdify([x], w * w)(1.0) == 4.0
    assert lambdify([x], [x, w])(7.0) == [7.0, -2.0]


def test_only_what_changes_no_bit_is_left_out():
    x = Value(1.0, "x")
    f = lambdify([x], [1 * x, x * 1, x / 1, x - 0, x**1, +x, 0 + x, x + 0.0, 0 * x, x * -1])
    assert lines(f) == ["d1 = 0.0 + x", "d2 = x + 0.0", "d3 = 0.0 * x", "d4 = x * (-1.0)"]
    results = f(-0.0)
    assert [math.copysign(1, r) for r in results] == [-1, -1, -1, -1, -1, -1, 1, 1, -1, 1]
    for special in (math.nan, math.inf):
        assert math.isnan(f(special)[8])
        assert repr(f(special)[0]) == repr(special)


def test_infinite_constants():
    x = Value(1.0, "x")
    assert lambdify([x], [x * math.inf, x + Value(-math.inf)])(2.0) == [math.inf, -math.inf]
    assert math.isnan(lambdify([x], x * Value(math.nan))(2.0))


def test_arguments_and_results_keep_their_structure():
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    f = lambdify([a, [b, (c,)]], (a * b, [c + a, (b,)]))
    assert f(1.0, [2.0, [3.0]]) == (2.0, [4.0, (2.0,)])
    assert lambdify([a], [])(1.0) == []
    assert lambdify([], a * b)() == 2.0
    g = lambdify([[a, b, c]], dot([a, b], [b, c]), "numpy")
    assert g(np.arange(6.0).reshape(3, 2)).tolist() == [8.0, 18.0]


@pytest.mark.parametrize("arguments", [(), (1.0,), (1.0, [2.0]), (1.0, [2.0, 3.0, 4.0])])
def test_a_wrong_number_of_arguments_is_an_error_of_python(arguments):
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    with pytest.raises((TypeError, ValueError), match=r"missing|values to unpack"):
        lambdify([a, [b, c]], a * b + c)(*arguments)


X = Value(2.0, "x")


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (([X * 2], X), ValueError, "is computed, not a leaf"),
        (([X, X], X), ValueError, "label='x') occurs twice"),
        (([X, [X]], X), ValueError, "occurs twice"),
        (([2.0], X), TypeError, "an input must be a Value or a list, not float 2.0"),
        (([X], 3.0), TypeError, "an output must be a Value or a list, not float 3.0"),
        (([X], X, "torch"), ValueError, "not 'torch'"),
        (([X], X, ast), ValueError, "a module with NumPy's functions"),
    ],
)
def test_bad_arguments(arguments, error, said):
    with pytest.raises(error) as caught:
        lambdify(*arguments)
    assert said in str(caught.value)


HOSTILE = [
    "x", "x", "class", "exp", "relu", "f", "inf", "v1", "args1", "lambda: 1", "x; import os",
    "x\n    raise SystemExit", "__debug__", "__import__('os')", "", "1x", "a b", "ŷ₀", "y_hat0",
    "đạo_hàm", "∂L/∂w₁", "𝐱", "ﬁ", "fi", "True", "np", "abs", "x" * 99,
]  # fmt: skip


def test_names_never_collide_and_no_label_injects_code():
    values = [Value(float(i), label) for i, label in enumerate(HOSTILE)]
    output = Value(0.0)
    for i, value in enumerate(values):
        output = exp(value * 0.0) * output + value * (i + 1)
        output.label = HOSTILE[-1 - i]
    f = lambdify(values, output)
    numbers = [float(i) for i in range(len(values))]
    assert f(*numbers) == output.data
    names = [a.arg for a in ast.parse(f.source).body[0].args.args]
    assert len(set(names)) == len(names) == len(values)
    statements = ast.parse(f.source).body[0].body
    assert {type(s) for s in statements} == {ast.Assign, ast.Return}
    assert {"y_hat0", "đạo_hàm", "dL_dw1"} <= set(names)


def test_an_operation_of_the_users_own_compiles_by_its_arithmetic():
    softsign = Op("softsign", lambda x: x / (1 + abs(x)), lambda out, x: (1 / (1 + abs(x)) ** 2,))
    softplus = Op("softplus", lambda x: log(1 + exp(x)), lambda out, x: (sigmoid(x),))
    x = Value(0.5, "x")
    y = softsign(x) + softplus(x)
    outputs = [y, *grad(y, [x])]
    f = lambdify([x], outputs)
    assert "v1 = softsign(x)" in f.source
    assert f(0.5) == [v.data for v in outputs]
    for library in LIBRARIES:
        g = lambdify([x], outputs, library)
        assert "v1 = x / (1.0 + abs(x))" in g.source
        assert "v2 = log(1.0 + exp(x))" in g.source
        got = g(library.asarray([0.5, -2.0]))
        for number, array in zip(f(-2.0), got, strict=True):
            assert float(np.asarray(array)[1]) == pytest.approx(number, rel=1e-14)


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: x if x > 0 else 0.1 * x,
        lambda x: max(x, 0.1 * x),
        lambda x: 0.0 if x == 0 else x,
        lambda x: x or 1.0,
        lambda x: math.erf(x),
    ],
)
def test_an_operation_for_single_numbers_only_says_what_to_add(forward):
    leaky = Op("leaky", forward, lambda out, x: (1.0,))
    x = Value(0.5, "x")
    y = leaky(x)
    assert lambdify([x], y)(0.5) == y.data
    with pytest.raises(TypeError, match=r"operation 'leaky'.*arrays=lambda np, x"):
        lambdify([x], y, "numpy")
    leaky = Op(
        "leaky", forward, lambda out, x: (1.0,), arrays=lambda np, x: np.where(x > 0, x, 0.1 * x)
    )
    assert lambdify([x], leaky(x), "numpy")(np.array([1.0, -1.0])).tolist() == [1.0, -0.1]


def test_code_of_the_users_own_is_put_in_parentheses_where_it_needs_them():
    increment = Op("increment", lambda x: x + 1, lambda out, x: (1.0,), code=lambda x: x + 1)
    square = Op("square", lambda x: increment(x) ** 2, lambda out, x: (2 * increment(x),))
    x = Value(2.0, "x")
    assert lambdify([x], square(x), "numpy")(2.0) == square(x).data == 9.0


def test_code_is_the_notation_unless_given():
    bump = Op("bump", math.cosh, lambda out, x: (1.0,), notation=lambda x: (exp(x) + exp(-x)) / 2)
    x = Value(2.0, "x")
    assert lambdify([x], bump(x))(2.0) == math.cosh(2.0)
    assert "(exp(x) + exp(-x)) / 2.0" in lambdify([x], bump(x), "numpy").source
    assert "(Math.exp(x) + Math.exp(-x)) / 2.0" in lambdify([x], bump(x), "javascript").source


def test_a_power_of_numbers_in_numpy_is_never_complex():
    x, y = Value(2.0), Value(3.0)
    with np.errstate(invalid="ignore"):
        assert math.isnan(lambdify([x, y], x**y, "numpy")(-8.0, 1 / 3))
    assert lambdify([x, y], x**y, "numpy")(np.array([2]), np.array([-1])).tolist() == [0.5]


def test_operations_with_the_same_or_a_hostile_name_stay_apart():
    double = Op("twice", lambda x: 2 * x, lambda out, x: (2.0,))
    square = Op("twice", lambda x: x * x, lambda out, x: (2 * x,))
    hostile = Op("os.system('x')", lambda x: x + 1, lambda out, x: (1.0,))
    keyword = Op("class", lambda x: x + 2, lambda out, x: (1.0,))
    x = Value(3.0, "twice")
    f = lambdify([x], [double(x), square(x), hostile(x), keyword(x)])
    assert f(5.0) == [10.0, 25.0, 6.0, 7.0]


def test_large_logits_stay_stable_in_arrays():
    h = [Value(x) for x in (1.0, 2.0, 3.0)]
    loss = cross_entropy(h, 0)
    outputs = [loss, logsumexp(h), *softmax(h), sigmoid(h[0]), *grad(loss, h)]
    at = (1000.0, -1000.0, 0.0)
    for library in LIBRARIES:
        with np.errstate(all="raise", under="ignore"):
            results = lambdify(h, outputs, library)(*[library.asarray([x]) for x in at])
        got = [float(np.asarray(r)[0]) for r in results]
        assert got == [0.0, 1000.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]


def test_a_wide_sum_is_written_in_parts():
    ws, xs = ([Value(i * 0.1) for i in range(5000)] for _ in range(2))
    output = dot(ws, xs, Value(0.5))
    f = lambdify([ws, xs], output)
    numbers = [i * 0.1 for i in range(5000)]
    assert f(numbers, numbers) == output.data
    assert max(map(len, f.source.splitlines())) <= 100


def test_inputs_of_one_label_are_numbered_from_the_second():
    values = [Value(float(i), label) for i, label in enumerate(["x", "x", "x", None, None])]
    assert lambdify(values, sum(values)).source.startswith("def f(x, x_2, x_3, x1, x2):\n")


def test_any_number_of_operations_compiles():
    x = Value(0.5, "x")
    y = x
    for i in range(size(20_000, 100_000)):
        y = y * 0.999 + x if i % 2 else tanh(y)
    assert lambdify([x], y)(0.5) == y.data


def test_arrays_are_freed_after_their_last_use():
    x = Value(1.0, "x")
    y = x
    for _ in range(30):
        y = tanh(y) * x
    f, points = lambdify([x], y, "numpy"), np.ones(100_000)
    tracemalloc.start()
    f(points)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * points.nbytes


def test_the_function_is_freed_by_reference_counting():
    f = lambdify([X], X * 2)
    alive = weakref.ref(f)
    gc.disable()
    try:
        del f
        assert alive() is None
    finally:
        gc.enable()


def test_the_source_is_the_same_in_every_run():
    def source():
        x = [Value(0.1 * i) for i in range(4)]
        y = cross_entropy([tanh(dot(x, x[::-1])), x[0] * x[1], x[2]], 1)
        return lambdify([x], [y, *grad(y, x)], "numpy").source

    assert source() == source()


# Higher order


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def test_newtons_method_on_rosenbrocks_function():
    x, y = Value(-1.2, "x"), Value(1.0, "y")
    first = grad(rosenbrock(x, y), [x, y])
    hessian = [grad(d, [x, y]) for d in first]
    f = lambdify([x, y], [first, hessian])
    point = np.array([-1.2, 1.0])
    slope, bend = [jax.jit(of(lambda p: rosenbrock(*p))) for of in (jax.grad, jax.hessian)]
    for _ in range(7):
        g, h = f(*point)
        at = jnp.array(point)
        np.testing.assert_allclose(g, slope(at), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(h, bend(at), rtol=1e-9)
        point = point - np.linalg.solve(h, g)
    np.testing.assert_allclose(point, [1.0, 1.0], rtol=1e-12)
