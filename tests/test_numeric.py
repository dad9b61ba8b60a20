"""`gradcheck`: right rules pass, wrong ones are found, kinks are called kinks."""

import pytest

from micrograd_vn import Op, Value, gradcheck, log, maximum, relu, sin
from tests.operations import TABLE

SMOOTH_AT = {
    "dot": [0.7, 1.3, -0.4, 2.0, 0.1],
    "logsumexp": [0.7, 1.3, -0.4],
    "excess": [1.5, 1.3, -0.4],
    "cross_entropy": [0.7, 1.3, -0.4, 0.2, 0.5, 0.3],
}


@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.name != "largest"], ids=str)
def test_every_operation_of_the_table_passes(op):
    for point in (SMOOTH_AT.get(op.name), [0.7], [0.7, 1.9], [0.7, 1.9, -0.3]):
        if point is None:
            continue
        try:
            op(*map(Value, point))
        except TypeError:  # it takes another number of operands
            continue
        assert gradcheck(op, point, second_order=True)
        return
    pytest.fail(f"no point found for {op}")


@pytest.mark.parametrize("inputs", [1.0, Value(1.0)])
def test_one_number_instead_of_a_list_is_an_error_that_says_so(inputs):
    with pytest.raises(TypeError, match=r"gradcheck: inputs is a list of numbers; .* write \["):
        gradcheck(sin, inputs)


def test_a_wrong_rule_is_caught_and_shown():
    cube = Op("cube", lambda x: x**3, lambda out, x: (3 * x,))
    with pytest.raises(gradcheck.__globals__["GradcheckError"]) as caught:
        gradcheck(lambda x, y: cube(x) + y, [2.0, 5.0])
    message = str(caught.value)
    assert "input 0 = 2.0: backward gives 6.0, differences give 12.0 (off by 6)" in message
    assert "input 0 = 2.0: grad gives 6.0" in message
    assert "input 1" not in message


def test_the_operation_whose_rule_is_wrong_is_named_with_its_operand():
    scaled = Op("scaled", lambda x, y: x * y, lambda out, x, y: (y, 2 * x))
    with pytest.raises(RuntimeError) as caught:
        gradcheck(lambda a, b: sin(scaled(a, b)) * a, [Value(0.5, "a"), Value(3.0, "b")])
    named = [line.strip() for line in str(caught.value).splitlines() if "operand" in line]
    assert named == [
        "scaled(a=0.5, b=3.0): its derivative by operand 1 (b=3.0) is 1.0, differences give 0.5"
    ]


def test_a_derivative_below_the_tolerance_needs_a_smaller_one():
    tiny = Op("tiny", lambda x: 1e-12 * x, lambda out, x: (0.0 * x,))
    assert gradcheck(tiny, [1.7])
    with pytest.raises(RuntimeError, match=r"tiny\(1\.7\): its derivative by operand 0"):
        gradcheck(tiny, [1.7], atol=1e-15)


def test_a_rule_that_is_wrong_in_the_second_order_only():
    # The number is right, but it is a plain one: the derivative is lost.
    square = Op("square", lambda x: x * x, lambda out, x: (2 * getattr(x, "data", x),))
    assert gradcheck(square, [1.0])
    with pytest.raises(RuntimeError, match=r"grad gives 0\.0, differences give 2"):
        gradcheck(square, [1.0], second_order=True)


@pytest.mark.parametrize(
    ("f", "point", "left", "right"),
    [
        (relu, [0.0], "0", "1"),
        (abs, [0.0], "-1", "1"),
        (lambda x: relu(x - 1e-8), [0.0], "0", "0.99"),
        (maximum, [1.0, 1.0], "0", "1"),
    ],
)
def test_a_kink_is_reported_as_a_kink(f, point, left, right):
    with pytest.raises(RuntimeError) as caught:
        gradcheck(f, point)
    assert f"a kink, with derivative {left}" in str(caught.value)
    assert f" to the left and {right}" in str(caught.value)


def test_large_curvature_is_no_kink():
    assert gradcheck(lambda x: sin(1000 * x), [0.3])
    assert gradcheck(lambda x: log(x), [1e-3])
    assert gradcheck(lambda x: x**2, [1e6])


def test_values_are_taken_too_and_left_alone():
    x = Value(2.0)
    assert gradcheck(lambda x: x * x, [x])
    assert x.grad == 0.0


def test_a_parameter_that_is_no_input_keeps_its_gradient():
    w = Value(3.0, "w")
    w.grad = 5.0
    assert gradcheck(lambda x: (w * x).tanh(), [0.5], second_order=True)
    assert w.grad == 5.0


def test_a_function_that_returns_no_value():
    with pytest.raises(TypeError, match="must return a Value, not float"):
        gradcheck(lambda x: 1.0, [2.0])


def test_data_changed_after_recording_is_found():
    weight = Value(2.0, "w")

    def changes_an_operand(x):
        y = x * x
        x.data += 1.0
        return y

    def trains_in_between(x):
        y = weight * x
        weight.data *= 0.5
        return y

    for f in (changes_an_operand, trains_in_between):
        with pytest.raises(ValueError, match=r"mul\(.*\) was recorded as .* and is now .* changed"):
            gradcheck(f, [3.0])


@pytest.mark.parametrize(("x", "step"), [(0.5, 1e-3), (-4.0, 4e-3)])
def test_the_step_is_eps_or_that_share_of_a_large_number(x, step):
    seen = set()

    def f(v):
        seen.add(v.data)
        return 3.0 * v

    assert gradcheck(f, [x], eps=1e-3)
    assert sorted(seen) == pytest.approx([x - step, x, x + step], abs=1e-9)
