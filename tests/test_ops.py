"""Every operation of the table against SymPy's derivatives, evaluated by mpmath."""

import functools
import inspect
import itertools
import math

import autograd
import autograd.numpy as anp
import mpmath
import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from micrograd_vn import (
    Op,
    Value,
    cross_entropy,
    dot,
    exp,
    grad,
    log,
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    relu,
    sigmoid,
    softmax,
    sqrt,
    tanh,
)
from micrograd_vn import table as tables
from tests.operations import TABLE
from tests.sizes import size

X, Y, Z, S, T, U = sp.symbols("x y z s t u")
BUILT_IN = TABLE


def between(low, high):
    return st.floats(low, high, allow_subnormal=False)


ANY = between(-1e100, 1e100)
POSITIVE = between(1e-100, 1e100)
NONZERO = st.one_of(POSITIVE, POSITIVE.map(lambda x: -x))
EXPONENT = between(-700, 700)
LOGIT = between(-1000, 1000)
WHOLE = st.integers(-6, 6).map(float)

SMOOTH = {
    "identity": (X, ANY),
    "neg": (-X, ANY),
    "add": (X + Y, ANY, ANY),
    "sub": (X - Y, ANY, ANY),
    "mul": (X * Y, ANY, ANY),
    "div": (X / Y, between(-1e60, 1e60), between(1e-60, 1e60).map(lambda x: -x)),
    "pow": (X**Y, between(0.01, 100), between(-20, 20)),
    "exp": (sp.exp(X), EXPONENT),
    "log": (sp.log(X), POSITIVE),
    "log_or_nan": (sp.log(X), POSITIVE),
    "sqrt": (sp.sqrt(X), POSITIVE),
    "sin": (sp.sin(X), between(-1e15, 1e15)),
    "cos": (sp.cos(X), between(-1e15, 1e15)),
    "tanh": (sp.tanh(X), between(-300, 300)),
    "sech": (1 / sp.cosh(X), between(-300, 300)),
    "sigmoid": (1 / (1 + sp.exp(-X)), between(-700, 300)),
    "dot": (X * S + Y * T + Z, *[between(-1e50, 1e50)] * 5),
    "logsumexp": (sp.log(sp.exp(X) + sp.exp(Y) + sp.exp(Z)), LOGIT, LOGIT, LOGIT),
    "softmax": (sp.exp(X) / (sp.exp(X) + sp.exp(Y) + sp.exp(Z)), *[LOGIT] * 3),
    "softmax_rest": (1 - sp.exp(X) / (sp.exp(X) + sp.exp(Y) + sp.exp(Z)), *[LOGIT] * 3),
    "softmax_of_many": (sp.exp(X - Y - Z), between(-500, 100), *[between(-100, 100)] * 2),
    "log_softmax": (X - sp.log(sp.exp(X) + sp.exp(Y) + sp.exp(Z)), *[LOGIT] * 3),
    "log_softmax_of_many": (X - Y - Z, *[between(-100, 100)] * 3),
    "excess": (sp.log(sp.exp(Y - X) + sp.exp(Z - X)), *[between(-20, 20)] * 3),
    "power_slope": (Y * X ** (Y - 1), between(0.01, 100), between(-20, 20)),
    "log1p": (sp.log(1 + X), st.one_of(POSITIVE, between(-0.99, 0.99))),
    "expm1": (sp.exp(X) - 1, between(-700, 700)),
    "tan": (sp.tan(X), between(-1.5, 1.5)),
    "atan": (sp.atan(X), between(-1e60, 1e60)),
    "witch": (1 / (1 + X**2), between(-1e60, 1e60)),
    "bell": (sp.exp(-(X**2)), between(-25, 25)),
    "erf": (sp.erf(X), between(-25, 25)),
    "erfc": (sp.erfc(X), between(-25, 25)),
    "softplus": (sp.log(1 + sp.exp(X)), between(-700, 700)),
    "gelu": (X * sp.erfc(-X / sp.sqrt(2)) / 2, between(-30, 30)),
    "cross_entropy": (
        sp.log(sp.exp(X) + sp.exp(Y) + sp.exp(Z)) * (S + T + U) - X * S - Y * T - Z * U,
        *[LOGIT] * 3,
        *[between(0.1, 0.9)] * 3,
    ),
}
SYMBOLS = {"dot": [X, Y, S, T, Z], "cross_entropy": [X, Y, Z, S, T, U]}
KINKED = {"step", "sign", "greater", "abs", "relu", "leaky_relu", "maximum", "minimum", "largest"}


def symbols(name):
    return SYMBOLS.get(name, [X, Y, Z][: len(SMOOTH[name]) - 1])


@functools.cache
def derivative_of(name, wrt):
    if not wrt:
        return SMOOTH[name][0]
    return sp.diff(derivative_of(name, wrt[:-1]), symbols(name)[wrt[-1]])


@functools.cache
def symbolic(name, wrt):
    """Return SymPy's derivative of an operation, for numbers of any precision."""
    return sp.lambdify(symbols(name), derivative_of(name, wrt), "mpmath", cse=True)


def expected(name, point, wrt):
    # e^-2000 beside 1 needs a thousand digits, as does 1 beside 1e-300; a usual number, e^-625.
    digits = 300 + sum([2 * abs(x) + abs(math.log10(abs(x) or 1.0)) for x in point])
    with mpmath.workdps(int(min(digits, 1000))):
        return mpmath.mpf(symbolic(name, tuple(sorted(wrt)))(*map(mpmath.mpf, point)))


def assert_agrees(got, want, near=0.0):
    """The difference is 1e-9 of `want`; near a zero, 1e-13 of the terms that cancel."""
    if abs(want) > 1e300:
        return
    assert abs(got - want) <= 1e-9 * abs(want) + 1e-13 * abs(near) + 1e-290, (got, want)


def test_operations_are_called_as_in_python():
    called = {
        name.removesuffix("_op"): v.name for name, v in vars(tables).items() if isinstance(v, Op)
    }
    others = {name: op for name, op in called.items() if name != op}
    assert others == {"absolute": "abs", "power": "pow"}  # as Python's own functions


@pytest.mark.parametrize(
    "compute",
    [lambda x: x * 2, lambda x: 2 - x, lambda x: -x, lambda x: x.exp(), lambda x: dot([x], [x], x)],
)
def test_a_new_value_has_no_derivative_yet(compute):
    y = compute(Value(3.0))
    assert (y.grad, y.label) == (0.0, None)


def test_every_operation_of_the_table_is_tested():
    assert set(SMOOTH) | KINKED == set(BUILT_IN)


@pytest.mark.parametrize("name", SMOOTH)
def test_value_and_first_derivatives_agree_with_sympy(name):
    _, *domains = SMOOTH[name]

    @given(st.tuples(*domains))
    def check(point):
        values = [Value(x) for x in point]
        output = BUILT_IN[name](*values)
        terms = sum(abs(x) for x in point) if name in ("dot", "cross_entropy") else 0.0
        if name in ("add", "sub", "dot", "cross_entropy"):
            terms = max(abs(x * y) for x in (1, *point) for y in (1, *point))
        if name in ("excess", "log_softmax", "log_softmax_of_many"):
            terms = max(abs(x) for x in point)
        assert_agrees(output.data, expected(name, point, []), near=terms)
        output.backward()
        for i, (value, derivative) in enumerate(zip(values, grad(output, values), strict=True)):
            # p - t cancels where they are alike, and so on
            near = 1.0 if name in ("cross_entropy", "excess", "gelu") else 0.0
            want = expected(name, point, [i])
            assert_agrees(value.grad, want, near)
            assert_agrees(derivative.data, want, near)

    check()


MILD = {
    "pow": (between(0.5, 4), between(-4, 4)),
    "div": (between(-1e20, 1e20), between(1e-20, 1e20)),
    "dot": [between(-1e3, 1e3)] * 5,
    "power_slope": (between(0.5, 4), between(-4, 4)),
    "tan": [between(-1.2, 1.2)],
    "softmax": [between(-20, 20)] * 3,
    "softmax_rest": [between(-20, 20)] * 3,
    "softmax_of_many": [between(-20, 20)] * 3,
    "logsumexp": [between(-20, 20)] * 3,
    "cross_entropy": (*[between(-20, 20)] * 3, *[between(0.1, 0.9)] * 3),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_second_and_third_derivatives_agree_with_sympy(name):
    domains = MILD.get(name) or SMOOTH[name][1:]
    indices = st.integers(0, len(domains) - 1)

    most = 25 if name in ("gelu", "power_slope") else 100  # slow in mpmath

    @settings(max_examples=size(20, most))
    @given(st.tuples(*domains), st.tuples(indices, indices, indices))
    def check(point, wrt):
        values = [Value(x) for x in point]
        derivative = BUILT_IN[name](*values)
        exact = functools.cache(lambda *at: expected(name, point, at))  # it is slow
        for order, i in enumerate(wrt, start=1):
            (derivative,) = grad(derivative, [values[i]])
            want = exact(*wrt[:order])
            near = max(abs(exact(*[i] * k)) for i in wrt for k in range(1, order + 1))
            if name in (
                "logsumexp",
                "cross_entropy",
                "excess",
                "gelu",
            ):  # p - p² cancels where p is near 1
                near = max(near, 1)
            assert_agrees(derivative.data, want, near)

    check()


@pytest.mark.parametrize("base", [-3.0, -1.0, 0.0, 2.0, -1e-30, 1e30])
@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 5])
def test_powers_with_a_whole_exponent_have_every_derivative(base, exponent):
    x = Value(base)
    derivative = x**exponent
    for order in range(1, 7):
        (derivative,) = grad(derivative, [x])
        remaining = exponent - order
        want = math.perm(exponent, order) * base**remaining if remaining >= 0 else 0.0
        assert derivative.data == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("base", [-3.0, 0.0, 2.0])
@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_powers_with_a_variable_exponent_have_the_same_derivative_by_the_base(base, exponent):
    x, y = Value(base), Value(exponent)
    derivative = x**y
    for order in range(1, 5):
        (derivative,) = grad(derivative, [x])
        assert derivative.data == math.perm(int(exponent), order) * base ** max(exponent - order, 0)


@pytest.mark.parametrize("exponent", [2.0**53 - 1, -(2.0**53), 2.0**53 + 2, -(2.0**60), 1e100])
@pytest.mark.parametrize("base", [-1.0, -1 - 2.0**-52, 0.0, 1.0])
def test_the_slope_of_a_power_has_its_sign_where_all_floats_are_even(base, exponent):
    with mpmath.workdps(200):
        want = float(exponent * mpmath.power(base, mpmath.mpf(exponent) - 1)) if base else 0.0
    if (abs(base) > 1 and exponent == 1e100) or base == 0 > exponent:
        return  # beyond floats
    for y in (exponent, Value(exponent)):
        x = Value(base)
        (derivative,) = grad(x**y, [x])
        assert derivative.data == pytest.approx(want, rel=1e-12)
    second = grad(grad(x**exponent, [x])[0], [x])[0].data  # (y − 1) / x times as large
    assert second * base == pytest.approx((exponent - 1) * want, rel=1e-12)


def test_derivative_of_a_power_by_its_exponent():
    for base, want in [(-2.0, math.nan), (0.0, 0.0), (2.0, 8.0 * math.log(2.0))]:
        x, y = Value(base), Value(3.0)
        (x**y).backward()
        (derivative,) = grad(x**y, [y])
        assert y.grad == pytest.approx(want, nan_ok=True)
        assert derivative.data == pytest.approx(want, nan_ok=True)


KINKS = [
    (relu, [0.0], [0.0]),
    (relu, [-0.0], [0.0]),
    (relu, [-2.0], [0.0]),
    (relu, [2.0], [1.0]),
    (abs, [0.0], [0.0]),
    (abs, [-2.0], [-1.0]),
    (abs, [2.0], [1.0]),
    (maximum, [1.0, 1.0], [0.5, 0.5]),
    (maximum, [1.0, 2.0], [0.0, 1.0]),
    (maximum, [-1e300, -2e300], [1.0, 0.0]),
    (minimum, [1.0, 1.0], [0.5, 0.5]),
    (minimum, [1.0, 2.0], [1.0, 0.0]),
    (maximum, [1e308, -1e308], [1.0, 0.0]),
    (maximum, [math.inf, math.inf], [0.5, 0.5]),
    (BUILT_IN["step"], [3.0], [0.0]),
    (BUILT_IN["sign"], [-3.0], [0.0]),
]


@pytest.mark.parametrize(("function", "point", "want"), KINKS)
def test_derivatives_at_and_beside_kinks(function, point, want):
    values = [Value(x) for x in point]
    output = function(*values)
    output.backward()
    assert [value.grad for value in values] == want
    assert [d.data for d in grad(output, values)] == want
    assert [d.data for d in grad(grad(output, values)[0], values)] == [0.0] * len(values)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
@example(0.0, 0.0)
@example(-1.0, -1.0)
def test_operations_with_kinks_agree_with_hips_autograd(x, y):
    for ours, theirs in [(maximum, anp.maximum), (minimum, anp.minimum)]:
        values = [Value(x), Value(y)]
        output = ours(*values)
        output.backward()
        assert output.data == theirs(x, y)
        for i, value in enumerate(values):
            assert value.grad == autograd.grad(theirs, i)(x, y)
    value = Value(x)
    abs(value).backward()
    assert value.grad == autograd.grad(anp.abs)(x)
    assert relu(Value(x)).data == max(x, 0.0)


def test_nan_goes_through_as_in_pytorch():
    nan = Value(math.nan)
    for output in (relu(nan), maximum(nan, 1.0), maximum(1.0, nan), minimum(nan, 1.0), nan + 1):
        assert math.isnan(output.data)
    assert math.isnan(minimum(Value(1.0), nan).data)


@pytest.mark.parametrize("logits", [[1000.0, -1000.0, 0.0], [-1000.0] * 3, [1000.0] * 3])
def test_large_logits_give_finite_results_and_right_derivatives(logits):
    values = [Value(x) for x in logits]
    with mpmath.workdps(1000):
        terms = [mpmath.exp(x) for x in logits]
        p = [term / sum(terms) for term in terms]
        logs = [mpmath.log(x) for x in p]
    for got, want in zip(softmax(values), p, strict=True):
        assert_agrees(got.data, want)
    for got, want in zip(log_softmax(values), logs, strict=True):
        assert_agrees(got.data, want)
    for target in range(3):
        loss = cross_entropy(values, target)
        assert_agrees(loss.data, -logs[target])
        loss.zero_grad()
        loss.backward()
        for i, value in enumerate(values):
            assert_agrees(value.grad, p[i] - (i == target), near=1)
    output = logsumexp(values)
    output.zero_grad()
    output.backward()
    for value, want in zip(values, p, strict=True):
        assert_agrees(value.grad, want)
    for i, probability in enumerate(softmax(values)):
        probability.zero_grad()
        probability.backward()
        for j, value in enumerate(values):
            assert_agrees(value.grad, p[i] * ((i == j) - p[j]), near=p[i])


@given(st.lists(LOGIT, min_size=1, max_size=6), st.data())
def test_cross_entropy_of_an_index_and_of_its_one_hot_sequence_agree(logits, data):
    target = data.draw(st.integers(0, len(logits) - 1))
    by_index, by_sequence = [Value(x) for x in logits], [Value(x) for x in logits]
    first = cross_entropy(by_index, target)
    second = cross_entropy(by_sequence, [float(i == target) for i in range(len(logits))])
    first.backward()
    second.backward()
    assert first.data == second.data
    assert [x.grad for x in by_index] == [x.grad for x in by_sequence]


def test_a_small_loss_keeps_its_digits():
    loss = cross_entropy([Value(50.0), Value(0.0)], 0)
    assert loss.data == pytest.approx(math.exp(-50.0), rel=1e-12)


def test_the_derivative_by_the_logit_of_another_class_is_its_softmax():
    logits = [Value(0.5), Value(1.5), Value(2.0)]
    first, second, _ = grad(cross_entropy(logits, 1), logits)
    assert (first.op.name, first.parents) == ("softmax", (*logits,))
    assert second.op.name == "sub"
    targets = [Value(float(i == 1)) for i in range(3)]
    first, _, _ = grad(cross_entropy(logits, targets), logits)
    assert first.op.name == "sub"  # of what the targets add up to, times the softmax


def test_of_targets_that_are_numbers_nobody_asks_for_a_derivative():
    x, y = Value(0.5), Value(1.5)
    _, _, first, second = tables.cross_entropy_op.partials(x, x, y, 1.0, 0.0)
    assert (first, second) == (0.0, 0.0)
    _, _, first, second = tables.cross_entropy_op.partials(0.3, 0.5, 1.5, 1.0, 0.0)
    assert first == pytest.approx(math.log1p(math.exp(1.0)))  # −ln of the softmax
    assert second == pytest.approx(math.log1p(math.exp(-1.0)))


def test_saturated_activations_keep_a_derivative():
    for function, x, want in [(tanh, 30.0, 4 * math.exp(-60.0)), (sigmoid, 40.0, math.exp(-40.0))]:
        value = Value(x)
        function(value).backward()
        assert value.grad == pytest.approx(want, rel=1e-12)


def test_dot_is_one_node_with_its_operands_in_order():
    w, x, b = [Value(2.0), Value(3.0)], [Value(5.0), Value(7.0)], Value(11.0)
    assert dot(w, x).parents == (*w, *x)
    assert dot(w, x).data == 31.0
    assert dot(w, x, b).parents == (*w, *x, b)
    assert dot(w, x, bias=b).data == 42.0
    assert dot(w[:1], [4]).data == 8.0


def test_sequences_of_one():
    x = Value(3.0)
    assert logsumexp([x]).data == 3.0
    assert softmax([x])[0].data == 1.0
    assert cross_entropy([x], 0).data == 0.0
    logsumexp([x]).backward()
    assert x.grad == 1.0


def test_plain_numbers_give_plain_numbers():
    assert exp(0.0) == 1.0
    assert isinstance(log(2), float)
    assert dot([1, 2], [3, 4]) == 11.0
    assert [type(p) for p in softmax([0.0, 1.0])] == [float, float]
    assert isinstance(softmax([0.0, Value(1.0)])[0], Value)


@pytest.fixture
def softsign():
    return Op(
        "softsign",
        forward=lambda x: x / (1 + abs(x)),
        partials=lambda out, x: (1 / (1 + abs(x)) ** 2,),
    )


@pytest.mark.parametrize("at", [-3.0, 0.5, 1e6])
def test_an_operation_of_the_users_own_is_differentiated_to_any_order(softsign, at):
    function = X / (1 + sp.Abs(X))
    x = Value(at, "x")
    y = softsign(x)
    y.backward()
    assert y.data == at / (1 + abs(at))
    assert x.grad == pytest.approx(1 / (1 + abs(at)) ** 2, rel=1e-15)
    derivative = y
    for order in range(1, 5):
        (derivative,) = grad(derivative, [x])
        side = function.subs(sp.Abs(X), X if at > 0 else -X)
        want = sp.diff(side, X, order).subs(X, sp.Rational(at)).evalf(30)
        assert derivative.data == pytest.approx(float(want), rel=1e-9)


def test_an_operation_of_the_users_own_takes_any_number_of_operands():
    product = Op("product3", lambda x, y, z: x * y * z, lambda out, x, y, z: (y * z, x * z, x * y))
    values = [Value(2.0), Value(3.0), Value(5.0)]
    output = product(*values)
    output.backward()
    assert output.data == 30.0
    assert [v.grad for v in values] == [15.0, 10.0, 6.0]
    dx, _, _ = grad(output, values)
    assert [d.data for d in grad(dx, values)] == [0.0, 5.0, 3.0]


def test_square_root_of_zero_has_a_value_but_no_derivative():
    x = Value(0.0, "x")
    assert sqrt(x).data == 0.0
    with pytest.raises(ZeroDivisionError, match=r"derivative of sqrt\(x=0\.0\)"):
        sqrt(x).backward()


@pytest.mark.parametrize("op", BUILT_IN.values(), ids=str)
def test_the_domain_says_where_the_result_exists(op):
    numbers = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]
    for x, y in itertools.product(numbers, numbers):
        operands = (x,) if len(inspect.signature(op.partials).parameters) == 2 else (x, y)
        shared = ("excess", "softmax_of_many", "log_softmax_of_many")
        if op.name in ("dot", "logsumexp", "cross_entropy", "largest", *shared):
            operands = (max(x, y), x, y) if op.name in shared else (x, y)
        try:
            exists = not math.isnan(op(*operands))
        except (ValueError, ZeroDivisionError):
            exists = False
        assert exists == (not op.domain or eval(op.domain, {"x": x, "y": y}))
