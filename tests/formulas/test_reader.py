"""Formulas are read as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd_vn.formulas.reader import read
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Derivative, Equation, Name, Number, evaluate, same


@pytest.mark.parametrize(
    "text",
    [
        "x", "ŷ₀", "w₂′·R", "w⁽¹⁾₁,₂ + b⁽¹⁾₁", "∂L/∂w₁", "∂L/∂h₀·∂h₀/∂R", "x² + x⁻¹", "(a + b)²/3",
        "ln(ŷ₀)/2", "ReLU(z₀)", "max(a, b)", "−0.5", "a − (b − c)", "2·(−x)", "3.0", "x^(n − 1)",
    ],
)  # fmt: skip
def test_what_is_written_is_read(text):
    spaced = Text()(read(text)).replace(" · ", "·")
    assert spaced == text
    assert same(read(spaced), read(text))


def test_a_name_is_a_name_and_a_derivative_a_derivative():
    assert isinstance(read("∂L/∂w₂′"), Derivative)
    assert (read("∂L/∂w₂′").of.label, read("∂L/∂w₂′").by[0].label) == ("L", "w₂′")
    assert isinstance(read(" ŷ₀ "), Name)
    assert isinstance(read("−3"), Number)


def test_an_equation_has_sides():
    equation = read("y = w·x = 6")
    assert isinstance(equation, Equation)
    assert [Text()(side) for side in equation.sides] == ["y", "w·x", "6"]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("a·b", "a*b"),
        ("a×b", "a*b"),
        ("a⋅b", "a*b"),
        ("a−b", "a-b"),
        ("a–b", "a-b"),
        ("a^2", "a**2"),
    ],
)  # fmt: skip
def test_signs_are_those_of_any_keyboard(written, read_as):
    assert same(read(written), read(read_as))


def test_a_whole_number_keeps_its_decimal():
    assert [Text()(read(text)) for text in ("3.0", "3")] == ["3.0", "3"]


@given(st.floats(-1e6, 1e6), st.floats(0.1, 1e6))
def test_arithmetic_is_that_of_python(a, b):
    f = read("(a − b)²·3/b + −a")
    assert evaluate(f, {"a": a, "b": b}) == (a - b) ** 2 * 3 / b + -a


def test_gaps_are_filled():
    seen = []
    f = read("w₁ = {w1[0]}", lambda name: seen.append(name) or Number(2.0))
    assert (seen, Text()(f.sides[1])) == (["w1[0]"], "2")


@pytest.mark.parametrize(
    "text",
    ["", "x y", "2x", "a =", "∂R", "a b", "f(x)", "x.y", "[1]", "'a'",
     "a if b else c", "__import__('os')", "x_1", "(" * 500, "lambda: 0", "a < b", "{x}"],
)  # fmt: skip
def test_what_is_no_formula_is_refused_and_never_run(text):
    with pytest.raises(ValueError, match="not a formula"):
        read(text)
