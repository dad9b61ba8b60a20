"""Exact numbers: what is equal, and what is only nearly so."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, ops, table, topological_order
from micrograd_vn.formulas.exact import agree, exact_numbers, exactly, noise
from micrograd_vn.formulas.tree import Number, to_decimals
from tests.formulas.recipes import PHASES
from tests.sizes import size

DECIMALS = st.integers(-9999, 9999).map(lambda n: n / 1000)


@settings(max_examples=size(80, 200), phases=PHASES)
@given(DECIMALS, DECIMALS, DECIMALS)
def test_arithmetic_of_decimals_is_exact(a, b, c):
    x, y, z = map(Number, (a, b, c))
    exact = [Fraction(str(n)) for n in (a, b, c)]
    assert exactly(x * y - z) == exact[0] * exact[1] - exact[2]
    if b:
        assert exactly(-x / y + z**2) == -exact[0] / exact[1] + exact[2] ** 2
    assert isinstance(exactly(x * y - z), Fraction)


@pytest.mark.parametrize(
    ("f", "exact"),
    [
        (ops.sqrt(Number(2.25)), 1.5), (ops.sqrt(Number(2)), None),
        (ops.sqrt(Number(1111111.111**2)), Fraction(1111111111, 1000)),
        (ops.sqrt(Number(11111111.111**2)), None),
        (ops.sigmoid(Number(0)), 0.5), (ops.sigmoid(Number(1)), None),
        (ops.exp(Number(0)), 1), (ops.log(Number(1)), 0), (ops.log(Number(2)), None),
        (ops.relu(Number(-2.5)), 0), (ops.relu(Number(2.4)), Fraction(12, 5)),
        (abs(Number(-0.3)), Fraction(3, 10)), (Number(0.1) ** 2, Fraction(1, 100)),
        (ops.maximum(Number(0.1), Number(0.2)), Fraction(1, 5)),
        (ops.leaky_relu(Number(-0.3), 0.1), Fraction(-3, 100)),
        (ops.exp(ops.log(Number(2))), None),
    ],
)  # fmt: skip
def test_a_function_is_exact_where_it_gives_few_digits(f, exact):
    number = exactly(f)
    assert isinstance(number, Fraction) == (exact is not None)
    if exact is not None:
        assert number == exact


@pytest.mark.parametrize("op", [table.power, table.power_slope])
def test_a_power_that_no_memory_holds_is_rounded(op):
    huge = Number(-8.5e142)
    assert exactly(op(huge, huge)) == 0
    y = op(*[Value(-8.5e142)] * 2)
    assert exact_numbers(topological_order(y))[y] == 0
    assert exactly(op(Number(0.5), Number(1e9))) == 0


def test_a_function_of_ones_own_for_floats_only_is_computed_with_floats():
    def forward(x):
        if not isinstance(x, float):
            raise TypeError("floats only")
        return x / 3

    third = Op("third", forward, lambda out, x: (1 / 3,))
    assert exactly(third(Number(2))) == pytest.approx(2 / 3)
    assert not agree(exactly(third(Number(2))), Fraction(2, 3))


@settings(max_examples=size(80, 200), phases=PHASES)
@given(DECIMALS, DECIMALS, DECIMALS)
def test_the_numbers_of_a_graph_follow_the_decimals_of_its_leaves(a, b, c):
    x, y, z = map(Value, (a, b, c))
    out = (x * y - z) * x + ops.exp(z)
    numbers = exact_numbers(topological_order(out))
    p, q, r = (Fraction(str(n)) for n in (a, b, c))
    product = next(v for v in numbers if v.op is table.mul and v.parents[0] is not x)
    assert numbers[product] == (p * q - r) * p
    assert float(numbers[out]) == pytest.approx(out.data, abs=1e-12)


def test_long_fractions_of_a_graph_are_rounded():
    x = Value(0.123)
    for _ in range(40):
        x = x * x + 0.1
    number = exact_numbers(topological_order(x))[x]
    assert isinstance(number, float)
    assert number == pytest.approx(x.data)


def test_numbers_agree_only_where_both_are_exact():
    assert agree(exactly(Number(0.1) + Number(0.2)), exactly(Number(0.3)))
    assert not agree(exactly(Number(2) / Number(3)), exactly(Number(0.6667)))
    assert not agree(0.5, Fraction(1, 2))


def test_noise_is_of_the_size_of_what_cancels():
    assert noise(Number(1e6) - Number(1e6)) == pytest.approx(2e-8)
    assert exactly(ops.sin(Number(1)) - ops.sin(Number(1))) == 0


@pytest.mark.parametrize(
    ("x", "decimals", "shown"),
    [
        (-0.125, 2, "−0.13"), (0.1, 2, "0.10"), (-0.004, 2, "0.00"), (2.5, 0, "3"),
        (-0.12499999999999999, 2, "−0.13"), (0.39705, 4, "0.3971"), (1e15, 1, None),
    ],
)  # fmt: skip
def test_decimals_are_rounded_as_at_school(x, decimals, shown):
    number = to_decimals(x, decimals)
    assert float(number) == pytest.approx(x, abs=0.51 * 10**-decimals)
    if shown is not None:
        assert str(number) == shown
