"""`explain`: the course's own solutions, and that every number printed is right."""

import itertools
import math
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import (
    Op,
    Value,
    cross_entropy,
    dot,
    exercises,
    exp,
    explain,
    grad,
    leaky_relu,
    log,
    log_softmax,
    maximum,
    relu,
    sigmoid,
    softmax,
    sqrt,
    tanh,
)
from micrograd_vn.exercises.page import html, latex
from tests.course import cau3, cau4, network
from tests.sizes import size
from tests.test_engine import programs, smooth_at

GOLDEN = pathlib.Path(__file__).parent / "golden"
EXERCISES = {"cau3": cau3, "cau4": cau4, "network": network}


# The course's solutions


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("suffix", ["txt", "md", "tex"])
def test_the_solutions_are_as_reviewed(name, lang, suffix, golden):
    explanation = EXERCISES[name](lang=lang)
    written = {
        "txt": str(explanation),
        "md": explanation.to_markdown(),
        "tex": explanation.to_latex(),
    }[suffix]
    golden(GOLDEN / f"{name}.{lang}.{suffix}", written)


def test_the_solutions_have_every_number_of_the_courses():
    text = str(cau3())
    for number in "0.8429 0.1571 −0.1571 0.3 −0.4 −0.04713 0.06284 −0.10997 −0.11".split():
        assert re.search(rf"(?<![\d.]){number}(?![\d])", text), number
    text = str(cau4())
    for number in ["3.0", "= 1 ", "−0.3299/3.0 ≈ −0.10997", "≈ −0.11"]:
        assert number in text


def test_other_givens_change_the_solution():
    text = str(cau3(w2=0.5, y_hat=(0.9, 0.1), y=1, lang="en"))
    assert "∂L/∂h₁ = 0.1 − 1 = −0.9" in text
    assert "0.9·0.5 + (−0.9)·(−0.4) = 0.45 + 0.36 = 0.81" in text


def test_the_whole_network_is_explained_over_its_two_paths():
    text = str(network(wrt="w₁", lang="en"))
    assert (
        "∂L/∂w₁ = ∂L/∂h₀ · ∂h₀/∂R · ∂R/∂z₀ · ∂z₀/∂w₁ + ∂L/∂h₁ · ∂h₁/∂R · ∂R/∂z₀ · ∂z₀/∂w₁" in text
    )
    assert text.count("∂R/∂z₀ = 1 (as z₀ > 0)") == 1  # a shared factor is explained once
    assert text.endswith("Result: ∂L/∂w₁ ≈ −0.3299\n")


def test_the_line_of_cau3_with_the_general_formula_is_the_courses():
    text = str(cau3())
    assert "(1) Tính ∂L/∂hᵢ: L = −(y₀·ln(ŷ₀) + y₁·ln(ŷ₁)), suy ra:" in text
    assert "    ∂L/∂hᵢ = ŷᵢ − yᵢ\n\nvới y₀ = 1, y₁ = 0:\n" in text
    assert "(2) Tính ∂hᵢ/∂R: h₀ = w₂·R, h₁ = w₂′·R, suy ra:" in text
    assert "Lan truyền tiến" not in text  # what is put in was given
    assert text.endswith("Kết quả: ∂L/∂R ≈ −0.11 (làm tròn đến 2 chữ số thập phân)\n")


# What is put in was given, or computed above


def test_the_forward_pass_of_cau3_begins_with_what_follows_from_the_givens():
    text = str(cau3(forward=True))
    assert (
        "    R = ln(ŷ₀/ŷ₁)/(w₂ − w₂′) = ln(0.8429/0.1571)/(0.3 − (−0.4)) ≈ 2.4\n"
        "    h₀ = w₂·R ≈ 0.3·2.4 = 0.72\n"
    ) in text
    assert text.index("Lan truyền tiến") < text.index("Theo quy tắc chuỗi")
    assert check_equalities(text) == 8


def test_the_forward_pass_has_the_values_that_are_needed_only():
    x, w, b = Value(3.0, "x"), Value(0.5, "w"), Value(0.1, "b")
    z = labelled(w * x + b, "z")
    y, other = labelled(z**2, "y"), labelled(exp(b), "q")
    loss = labelled(y * w + other, "L")
    text = str(explain(loss, w, lang="en"))
    assert "z = w·x + b = 0.5·3.0 + 0.1 = 1.6\n" in text
    assert "y = z² = 1.6² = 2.56\n" in text
    assert "q = exp(b) =" not in text
    assert "q = exp(b) = exp(0.1) ≈ 1.105\n" in str(explain(loss, w, lang="en", forward=True))


def test_a_value_of_the_path_is_computed_where_it_is_defined():
    x, w = Value(3.0, "x"), Value(0.5, "w")
    z = labelled(w * x, "z")
    text = str(explain(labelled(exp(z), "y"), w, lang="en"))
    assert "Forward pass" not in text
    assert "• z = w·x = 0.5·3.0 = 1.5, so ∂z/∂w = x = 3.0" in text
    assert "• y = exp(z) = exp(1.5) ≈ 4.482, so ∂y/∂z = y ≈ 4.482" in text


def test_a_number_that_is_neither_known_nor_found_is_asked_for():
    x, w = Value(3.0, "x"), Value(0.5, "w")
    y = labelled(w * x, "y")
    with pytest.raises(ValueError, match=r"label='x'\) is put in, but it is neither known nor"):
        explain(y, w, known=[w])
    source = labelled(Value(6.0, "a") / 2, "x")
    text = str(explain(y, w, known=[w], found=[source], lang="en"))
    assert "x = a/2 = 6.0/2 = 3\n" in text
    assert "∂y/∂w = x = 3\n" in text


# Several derivatives, and second ones


def test_the_chain_rule_is_named_only_where_there_is_a_chain():
    w, x = Value(0.5, "w"), Value(3.0, "x")
    z = (w * x).named("z")
    assert "chain rule" not in str(explain(z, [w, x], lang="en"))
    y = (z**2).named("y")
    assert "By the chain rule, from the output back:\n\n(1)" in str(explain(y, [w, x], lang="en"))


def test_several_derivatives_are_found_in_one_pass_back_from_the_output():
    text = str(network(wrt="w₁ b₁ x", lang="en"))
    assert text.startswith("Find ∂L/∂w₁, ∂L/∂b₁ and ∂L/∂x.\n")
    assert text.count("∂L/∂R = ") == 1
    assert "∂L/∂w₁ = ∂L/∂z₀ · ∂z₀/∂w₁ ≈ (−0.109967)·3.0 = −0.329901, by (3)" in text
    assert text.endswith("Result: ∂L/∂w₁ ≈ −0.3299, ∂L/∂b₁ ≈ −0.11, ∂L/∂x ≈ −0.08797\n")
    check_equalities(text)
    with pytest.raises(ValueError, match="one where `given` is given"):
        explain(Value(1.0), [Value(2.0), Value(3.0)], given=1.0)


def test_one_of_a_list_that_the_output_does_not_depend_on_is_0():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    text = str(explain(labelled(x**2, "f"), [x, y], lang="en"))
    assert "f does not depend on y, so the derivative is 0." in text
    assert text.endswith("Result: ∂f/∂x = 4, ∂f/∂y = 0\n")


def test_more_than_two_paths_that_share_a_factor_are_gone_back_step_by_step():
    x = Value(0.5, "x")
    z = labelled(x * 2, "z")
    h = [labelled(f(z), f"h{i}") for i, f in zip("₁₂₃", (tanh, exp, relu), strict=True)]
    text = str(explain(labelled(h[0] + h[1] + h[2], "y"), x, lang="en"))
    assert text.count("∂z/∂x") == 2  # where it is found, and where it is put in
    assert "(1) Find ∂y/∂hᵢ: y = h₁ + h₂ + h₃, so:" in text
    assert ", by (1)" in text
    check_equalities(text)


def test_three_classes_have_a_general_formula_too():
    h = [Value(x, f"h{i}") for x, i in zip((1.0, 2.0, 0.5), "₀₁₂", strict=True)]
    outputs = [labelled(p, f"ŷ{i}") for p, i in zip(softmax(h), "₀₁₂", strict=True)]
    targets = [Value(x, f"y{i}") for x, i in zip((0.0, 1.0, 0.0), "₀₁₂", strict=True)]
    loss = labelled(cross_entropy(h, targets), "L")
    text = str(explain(loss, h, using=outputs, lang="en"))
    assert "∂L/∂hᵢ = ŷᵢ − yᵢ (as y₀ + y₁ + y₂ = 1)\n" in text
    assert "L = −(y₀·ln(ŷ₀) + y₁·ln(ŷ₁) + y₂·ln(ŷ₂))" in text
    check_equalities(text)


def test_the_derivative_of_a_derivative_is_a_second_one():
    x, w = Value(0.5, "x"), Value(2.0, "w")
    y = labelled(x**3 * w, "y")
    dx = labelled(grad(y, [x])[0], "∂y/∂x")
    assert "∂²y/∂x² = 6·w·x = 6·2.0·0.5 = 6\n" in str(explain(dx, x))
    assert "∂²y/∂x∂w = 3·x² = 3·0.5² = 0.75\n" in str(explain(dx, w))
    assert r"\frac{\partial^{2} y}{\partial x^{2}}" in explain(dx, x).to_latex()
    ddx = labelled(grad(dx, [x])[0], "∂²y/∂x²")
    assert str(explain(ddx, w)).startswith("Tính ∂³y/∂x²∂w.")
    e = labelled(exp(x), "y")
    de = labelled(grad(e, [x])[0], "∂y/∂x")
    assert "∂²y/∂x² = exp(x)" in str(explain(de, x))  # by x, and not by y


def test_a_gradient_is_called_a_derivative_of_what_has_a_name():
    x, w = Value(0.5, "x"), Value(2.0, "w")
    y = labelled(x**3 * w, "y")
    (dx,) = grad(y, [x])
    (ddx,) = grad(dx, [x])
    assert "∂²y/∂x² = 6·w·x = 6·2.0·0.5 = 6\n" in str(explain(dx, x))
    assert str(explain(ddx, w)).startswith("Tính ∂³y/∂x²∂w.")
    assert [d.label for d in (dx, ddx, *grad(ddx, [w, x]))] == [
        "∂y/∂x", "∂²y/∂x²", "∂³y/∂x²∂w", "∂³y/∂x³"
    ]  # fmt: skip
    assert [grad(y * 2, [x])[0].label, grad(y, [x + w])[0].label] == [None, None]
    again = labelled(dx + 2 * grad(y, [x])[0], "s")
    assert str(explain(again, x)).endswith("Kết quả: ∂s/∂x = 18\n")
    assert grad(labelled(dx, "∂y/∂x"), [x])[0].label is None  # a text, of which nothing is known


def test_a_derivative_that_is_constant_once_it_is_written_in_short_has_none():
    x, w = Value(0.5, "x"), Value(2.0, "w")
    (dx,) = grad((w * x + x * x - x * x).named("y"), [x])
    said = str(explain(dx, [x, w], lang="en"))
    assert "\n∂y/∂x does not depend on x, so the derivative is 0.\n" in said
    assert said.endswith("Result: ∂²y/∂x² = 0, ∂²y/∂x∂w = 1\n")


def test_a_derivative_and_another_value_of_the_same_formula_are_not_defined_by_each_other():
    x = Value(3.0, "x")
    z, slope = (x**2).named("z"), (x * x).named("∂y/∂t")
    assert str(explain((z * slope).named("s"), x)).endswith("Kết quả: ∂s/∂x = 108\n")


def test_decimals_are_those_of_the_result():
    assert str(cau4(decimals=3)).endswith("∂L/∂R ≈ −0.110 (làm tròn đến 3 chữ số thập phân)\n")
    assert str(cau4(dL_dw1=-0.375)).endswith("≈ −0.13 (làm tròn đến 2 chữ số thập phân)\n")
    assert str(cau4(dL_dw1=-0.375, decimals=3)).endswith("Kết quả: ∂L/∂R = −0.125\n")
    assert str(cau4(decimals=6)).endswith("≈ −0.109967 (làm tròn đến 6 chữ số thập phân)\n")


# Every number printed is right

FUNCTIONS = {
    "ln": mpmath.log, "exp": mpmath.exp, "tanh": mpmath.tanh, "sin": mpmath.sin,
    "cos": mpmath.cos, "sech": mpmath.sech, "σ": lambda x: 1 / (1 + mpmath.exp(-x)), "abs": abs,
    "sqrt": mpmath.sqrt, "max": max, "ReLU": lambda x: max(x, mpmath.mpf(0)),
    "sign": mpmath.sign, "LSE": lambda *xs: mpmath.log(sum(map(mpmath.exp, xs))),
    "softsign": lambda x: x / (1 + abs(x)), "mpf": mpmath.mpf,
}  # fmt: skip
FUNCTIONS |= {
    f"squared_{name}": lambda x, name=name: getattr(mpmath, name)(x) ** 2
    for name in ("tanh", "sin", "cos", "tan")
}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"


def evaluated(side):
    """Return the number that a printed formula stands for, or None if it has names in it."""
    side = re.sub(r"·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda m: f"e{plain(m[1])}", side)
    side = re.sub(r"(tanh|sin|cos|tan)²\(", r"squared_\1(", side)
    side = re.sub(rf"([{SUPERSCRIPTS}]+)", lambda m: f"**({plain(m[1])})", side)
    side = re.sub(r"√(\([^()]*\)|[\d.]+)", r"sqrt(\1)", side)
    # A bar opens after a sign, else it closes: ||x| − 1|.
    side = re.sub(r"(?:(?<=[+−·/(,^ ])|^)\|+", lambda m: "abs(" * len(m[0]), side).replace("|", ")")
    side = side.replace("−", "-").replace("·", "*").replace("e^(", "exp(").replace("^", "**")
    side = re.sub(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?", r'mpf("\g<0>")', side)
    try:
        with mpmath.workdps(30):
            return eval(side, {"__builtins__": {}}, FUNCTIONS)
    except (NameError, SyntaxError):
        return None


def plain(superscripts):
    return superscripts.translate(str.maketrans(SUPERSCRIPTS, "0123456789-"))


def half_a_unit(text):
    """Return half of the last place of a printed number."""
    mantissa, _, power = text.replace("−", "-").partition("·10")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(plain(power)) if power else 0) * 10.0**-decimals


NUMBER = r"−?\d+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"


def check_equalities(text):
    """Check each relation between numbers in a solution; return how many there were.

    What stands between two = is equal, and what follows ≈ is so to the digits shown.
    """
    # An equation that goes over several lines is one.
    text = re.sub(r"\n +(?=[=≈+−] )", " ", text)
    checked = 0
    for line in text.splitlines():
        line = line.strip().removeprefix("• ")
        line = re.sub(r" \((?:do|quy|as|theo|by|làm|rounded) .*\)$", "", line)
        for chain in re.split(r", (?:suy ra|so):? |: |, (?:với|where|biết|given) ", line):
            first, *others = re.split(r" ([=≈]) ", chain)
            sides = [first, *others[1::2]]
            for sign, (left, right) in zip(others[::2], pairwise(sides), strict=True):
                value, shown = evaluated(left), evaluated(right)
                if value is None or shown is None:
                    continue
                slack = 1e-14 * (abs(value) + 1) * (sign == "≈") + 1e-25 * abs(value)
                if sign == "≈":
                    slack += sum(map(half_a_unit, re.findall(NUMBER, right))) * 1.0001
                assert abs(value - shown) <= slack, (left, sign, right, line)
                checked += 1
    return checked


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_equalities_of_the_solutions_hold(lang):
    assert check_equalities(str(cau3(lang=lang))) == 4
    assert check_equalities(str(cau4(lang=lang))) == 2


def test_a_wrong_equality_would_be_found():
    check_equalities("c = ||−2| − 3| = 1")
    for wrong in [
        "∂y/∂x = 0.16·0.3 ≈ 0.0471",
        "∂y/∂x = 0.9 − 1 = −0.11",
        "a = 2² = 5",
        "b = 2/3 = 0.6667",
        "c = ||−2| − 3| = 5",
    ]:
        with pytest.raises(AssertionError):
            check_equalities(wrong)


@settings(max_examples=size(60, 200))
@given(programs(), st.data())
def test_the_equalities_of_random_explanations_hold(program, data):
    inputs, steps = program
    with mpmath.workdps(30):
        if not smooth_at(list(map(mpmath.mpf, inputs)), steps):
            return
    values = [Value(x, f"x{i}") for i, x in enumerate(inputs)]
    results = list(values)
    for i, (functions, operands) in enumerate(steps):
        result = functions[0](*[results[j] for j in operands])
        if data.draw(st.booleans()) and result.label is None:
            result.label = f"a{i}"
        results.append(result)
    digits = data.draw(st.integers(2, 6))
    lang = data.draw(st.sampled_from(["vi", "en"]))
    text = str(explain(results[-1], values[0], lang=lang, digits=digits))
    check_equalities(text)
    want = grad(results[-1], [values[0]])[0].data
    printed = re.split(" [=≈] ", text.rstrip())[-1]
    slack = half_a_unit(printed) * 1.0001 + 1e-15 * abs(want)
    assert abs(evaluated(printed) - want) <= slack or evaluated(printed) == 0 == round(want, 15)
    explanation = explain(results[-1], values[0], lang=lang, digits=digits)
    assert explanation.to_latex().count("{") == explanation.to_latex().count("}")


# What is explained, and how


def labelled(value, label):
    value.label = label
    return value


def test_a_derivative_of_one_step_is_one_formula():
    x, y = Value(0.7, "x"), Value(1.3, "y")
    z = labelled(tanh(x * y), "z")
    assert str(explain(z, x, lang="en")) == (
        "Find ∂z/∂x.\n\n"
        "    z = tanh(x·y)\n\n"
        "    ∂z/∂x = (1 − tanh²(x·y))·y = (1 − tanh²(0.7·1.3))·1.3 ≈ 0.624\n\n"
        "Result: ∂z/∂x ≈ 0.624\n"
    )


def test_values_without_a_label_get_short_names_where_they_are_needed():
    x, y = Value(2.0), Value(3.0, "u₁")
    text = str(explain(x * y, x, lang="en"))
    assert "∂f/∂u₂" in text
    assert "f = u₂·u₁" in text
    long = Value(1.0, "x")
    for i in range(1, 12):
        long = tanh(long * (1 + i / 10))
    text = str(explain(labelled(long, "y"), topo_leaf(long), lang="en"))
    assert "u₁ = " in text
    check_equalities(text)


def topo_leaf(value):
    while value.op is not None:
        value = value.parents[0]
    return value


def test_the_result_of_an_operation_stands_for_itself_in_its_derivative():
    x = Value(0.5, "x")
    text = str(explain(labelled(exp(x), "y"), x))
    assert "y = exp(x) = exp(0.5) ≈ 1.649\n\n    ∂y/∂x = y ≈ 1.649" in text


def test_piecewise_derivatives_have_a_reason():
    for function, at, said in [
        (relu, 2.0, "= 1 (do x > 0)"),
        (relu, -2.0, "= 0 (do x < 0)"),
        (relu, 0.0, "= 0 (quy ước ReLU′(0) = 0)"),
        (abs, 0.0, "= 0 (quy ước: đạo hàm của |x| tại x = 0 bằng 0)"),
        (lambda x: leaky_relu(x, 0.1), 0.0, "= 0.1 (quy ước LeakyReLU′(0) = 0.1)"),
        (
            lambda x: maximum(x, 1.0),
            1.0,
            "= 0.5 (quy ước: khi x = 1, đạo hàm của max(x, 1) chia đều cho hai đối số)",
        ),
        (abs, -2.0, "= −1 (do x < 0)"),
        (lambda x: maximum(x, 1.0), 2.0, "= 1 (do x > 1)"),
    ]:
        x = Value(at, "x")
        assert said in str(explain(labelled(function(x), "y"), x))


def test_many_paths_have_a_step_for_each_value():
    x = Value(1.1, "x")
    value = x
    for i in range(1, 6):
        value = labelled(value * value + x, f"a{i}")
    text = str(explain(value, x, lang="en"))
    assert "(5) Find ∂a5/∂x" in text
    assert ", by (1)" in text
    assert check_equalities(text) >= 8


def logits(*numbers):
    return [Value(x, f"h{i}") for i, x in zip("₀₁₂₃₄", numbers, strict=False)]


def softmax_of(xs):
    return [mpmath.exp(x) / sum(map(mpmath.exp, xs)) for x in xs]


def unit(i):
    return tuple(int(i == j) for j in range(3))


def test_cross_entropy_has_names_for_the_outputs_of_softmax():
    h = logits(1.0, 2.0, 0.5)
    text = str(explain(labelled(cross_entropy(h, 1), "L"), h, lang="en"))
    assert "    ŷ₀ = exp(h₀)/(exp(h₀) + exp(h₁) + exp(h₂))\n" in text
    assert "L = −(y₀·ln(ŷ₀) + y₁·ln(ŷ₁) + y₂·ln(ŷ₂)), so:\n\n    ∂L/∂hᵢ = ŷᵢ − yᵢ\n" in text
    assert "where y₀ = 0, y₁ = 1, y₂ = 0:\n" in text
    for i in range(3):
        slope = mpmath.diff(lambda *x: -mpmath.log(softmax_of(x)[1]), (1, 2, 0.5), unit(i))
        assert f"∂L/∂h{'₀₁₂'[i]} ≈ {float(slope):.4g}".replace("-", "−") in text
    check_equalities(text)
    h = logits(1.0, 2.0)
    text = str(explain(labelled(cross_entropy(h, 0), "L"), h[0], lang="en"))
    assert "    L = −ln(ŷ₀)\n\n    ∂L/∂h₀ = ŷ₀ − 1 ≈ 0.2689 − 1 = −0.7311" in text
    y_hat = softmax(h)
    y_hat[0].label = "p"
    text = str(explain(labelled(cross_entropy(h, 0), "L"), h[0], using=y_hat, lang="en"))
    assert "∂L/∂h₀ = p − 1 ≈ 0.2689 − 1 = −0.7311" in text


def test_names_that_are_taken_are_not_given_to_the_outputs_of_softmax():
    h, taken = logits(1.0, 2.0), Value(3.0, "ŷ₀")
    text = str(explain(labelled(cross_entropy(h, 0) * taken, "L"), h[0], lang="en"))
    assert "u₁ = exp(h₀)/(exp(h₀) + exp(h₁))" in text
    assert "∂L/∂h₀ = (u₁ − 1)·ŷ₀" in text.replace("ŷ₀·(u₁ − 1)", "(u₁ − 1)·ŷ₀")
    a, b = Value(1.0, "a"), Value(2.0, "b")
    text = str(explain(labelled(cross_entropy([a, b], 0), "L"), a, lang="en"))
    assert "L = −ln(u₁)\n\n    ∂L/∂a = u₁ − 1 ≈" in text


def test_the_derivatives_of_softmax_are_written_with_its_outputs():
    h = logits(1.0, 2.0, 0.5)
    text = str(explain(labelled(-log(softmax(h)[1]), "L"), h, lang="en"))
    assert "∂L/∂ŷ₁ = −1/ŷ₁" in text
    assert "∂ŷ₁/∂h₀ = −ŷ₁·ŷ₀ ≈" in text
    assert "∂ŷ₁/∂h₁ = ŷ₁·(1 − ŷ₁) ≈" in text
    for i in range(3):
        slope = mpmath.diff(lambda *x: softmax_of(x)[1], (1, 2, 0.5), unit(i))
        line = next(x for x in text.splitlines() if x.startswith(f"    ∂ŷ₁/∂h{'₀₁₂'[i]} ="))
        shown = float(line.rpartition(" ")[2].replace("−", "-"))
        assert abs(shown - slope) <= 1e-5
    assert text.index("ŷ₀ = exp") < text.index("ŷ₁ = exp") < text.index("ŷ₂ = exp")
    check_equalities(text)


def test_an_unknown_factor_is_solved_for_over_several_paths_too():
    w = Value(2.0, "w")
    a, b = labelled(w * 3, "a"), labelled(w**2, "b")
    y = labelled(a * b, "y")
    text = str(explain(y, w, given=7.2, lang="en"))
    assert "Find ∂L/∂y, given ∂L/∂w = 7.2." in text
    assert text.count("∂L/∂w = ∂L/∂y · ∂y/∂w") == 1
    assert "By the chain rule:\n\n    ∂L/∂w = ∂L/∂y · ∂y/∂w\n\n    ∂y/∂w = ∂y/∂a" in text
    assert "∂L/∂y = (∂L/∂w)/(∂y/∂w)" in text
    assert "∂L/∂y = 7.2/36 = 0.2" in text
    check_equalities(text)
    text = str(explain(y, w, given=7.2, loss="E", lang="en"))
    assert "∂E/∂y = 0.2" in text


def test_an_operation_of_the_users_own_is_explained():
    softsign = Op("softsign", lambda x: x / (1 + abs(x)), lambda out, x: (1 / (1 + abs(x)) ** 2,))
    x = Value(-3.0, "x")
    y = labelled(softsign(x), "y")
    text = str(explain(y, x, lang="en"))
    assert "y = softsign(x)" in text
    assert "∂y/∂x = 1/(1 + |x|)² = 1/(1 + |−3.0|)² = 0.0625" in text
    assert r"\operatorname{softsign}(x)" in explain(y, x).to_latex()


def test_no_dependence_gives_zero_and_says_why():
    x, y = Value(1.0, "x"), labelled(Value(2.0) * 3, "y")
    assert str(explain(y, x)) == (
        "Tính ∂y/∂x.\n\ny không phụ thuộc vào x, nên đạo hàm bằng 0.\n\nKết quả: ∂y/∂x = 0\n"
    )
    assert "y does not depend on x" in str(explain(y, x, lang="en"))


def test_a_large_expression_is_explained_by_its_labelled_values():
    x = Value(0.5, "x")
    value = x
    for i in range(200):
        value = tanh(value * 1.01 + 0.1 * math.sin(i))
        if i == 100:
            half = labelled(value, "half")
    text = str(explain(labelled(value, "y"), x, lang="en"))
    assert "only values with a name are shown" in text
    assert "∂y/∂x = ∂y/∂half · ∂half/∂x" in text
    check_equalities(text)
    assert "∂z/∂y = 3\n" in str(explain(labelled(3 * value, "z"), x, lang="en"))  # no ≈
    text = str(explain(value, x, lang="en", forward=True))
    assert f"Forward pass:\n\n    half ≈ {half.data:.4f}" in text  # and not a page of formulas


def test_what_nobody_would_read_is_refused():
    x = Value(0.5, "x")
    value = x
    for i in range(100):
        value = labelled(tanh(value), f"a{i}")
    with pytest.raises(ValueError, match="101 values with a name lie between"):
        explain(value, x)


def test_a_parameter_of_a_large_network_is_explained_by_the_labelled_layers():
    weights = [[Value(0.1 * (i - j), f"w{i}_{j}") for j in range(8)] for i in range(8)]
    x = [Value(0.3 * i, f"x{i}") for i in range(8)]
    hidden = [labelled(tanh(dot(row, x)), f"h{i}") for i, row in enumerate(weights)]
    output = [tanh(dot(row, hidden)) for row in weights[::-1]]
    loss = labelled(cross_entropy(output, 3), "L")
    text = str(explain(loss, weights[2][1], lang="en"))
    assert "only values with a name are shown" in text
    assert "∂L/∂w2_1 = ∂L/∂w2_1|h2 + ∂L/∂h2 · ∂h2/∂w2_1" in text
    assert "of L with respect to w2_1 while h2 is held constant" in text
    check_equalities(text)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"lang": "fr"}, ValueError, "'vi' or 'en', not 'fr'"),
        ({"digits": -1}, ValueError, "from 1 to 15, not -1"),
        ({"digits": 16}, ValueError, "from 1 to 15, not 16"),
        ({"digits": 2.5}, ValueError, "from 1 to 15, not 2.5"),
        ({"output": 3.0}, TypeError, "output must be a Value, not float 3.0"),
        ({"wrt": "x"}, TypeError, "wrt must be a Value, not str 'x'"),
    ],
)
def test_bad_arguments(arguments, error, said):
    x = Value(1.0, "x")
    with pytest.raises(error) as caught:
        explain(**({"output": x * 2, "wrt": x} | arguments))
    assert said in str(caught.value)


def test_rounded_operands_outside_of_the_domain_are_shown_with_more_digits():
    for output, x in [
        (lambda x: log(x - 1.0), 1.00001),
        (lambda x: 1 / (x - 0.3), 0.30000000000000004),
        (lambda x: sqrt(1 - x), 0.999999),
    ]:
        value = Value(x, "x")
        check_equalities(str(explain(labelled(output(value), "f"), value)))


def test_the_ends_may_be_odd():
    x = Value(3.0, "x")
    assert "∂x/∂x = 1" in str(explain(x, x))
    assert "y does not depend on t," in str(explain(labelled(x**2, "y"), Value(5.0), lang="en"))
    (c,) = grad(3 * x, [x])
    assert str(explain(labelled(c * x, "y"), c)).endswith("= 3.0\n")
    with pytest.raises(ValueError, match="undetermined"):
        explain(labelled(x * 2, "y"), Value(1.0, "z"), given=1.0)
    nan = Value(math.nan, "n")
    assert "do" not in str(explain(labelled(relu(nan), "f"), nan))


def test_shared_values_without_labels_take_no_time():
    x = y = Value(1.0, "x")
    for _ in range(60):
        y = y * 0.5 + y * 0.5
    assert str(explain(labelled(y, "y"), x)).endswith("∂y/∂x = 1\n")


def test_a_given_derivative_that_determines_nothing_is_refused():
    x = Value(-1.0, "x")
    with pytest.raises(ValueError, match="undetermined"):
        explain(labelled(relu(x), "R"), x, given=0.5)


def test_digits():
    x = Value(1 / 3, "x")
    y = labelled(log(x) * sqrt(x), "y")
    for digits in (2, 4, 8):
        text = str(explain(y, x, digits=digits))
        want = 0.5 / math.sqrt(1 / 3) * math.log(1 / 3) + math.sqrt(1 / 3) * 3
        assert text.endswith(f"≈ {want:.{digits}g}\n")
        check_equalities(text)


def test_the_result_never_contradicts_the_line_above():
    # 0.42·2 is 0.84, but the derivative is 0.83995; so all numbers have a digit more.
    w, x, b = Value(-1.5, "w"), Value(2.0, "x"), Value(4.0, "b")
    text = str(explain(labelled(tanh(labelled(w * x + b, "n")), "y"), w))
    assert "≈ 0.41997·2.0 = 0.83994\n" in text
    assert text.endswith("≈ 0.8399\n")
    for w2, first in itertools.product((0.3, 0.5, 0.7, -0.1), range(6001, 9900, size(291, 97))):
        y_hat = (first / 1e4, 1 - first / 1e4)
        for solution in (
            cau3(w2, w2 - 0.5, y_hat, decimals=None),
            cau4(dL_dw1=-first / 1e4, decimals=None),
        ):
            last, result = str(solution).split("\n\n")[-2:]
            shown, final = (re.split(" [=≈] ", x)[-1].strip() for x in (last, result))
            places = Decimal(final.replace("−", "-"))
            rounded = Decimal(shown.replace("−", "-")).quantize(places, ROUND_HALF_UP)
            assert rounded == places, (last, result)


def test_what_rounding_leaves_of_zero_is_zero_in_the_result_too():
    x = Value(1.0, "x")
    a, b, c = labelled(x * 0.1, "a"), labelled(x * 0.2, "b"), labelled(x * -0.3, "c")
    y = labelled(a + b + c, "y")
    assert grad(y, [x])[0].data != 0
    text = str(explain(y, x))
    assert text.endswith("Kết quả: ∂y/∂x = 0\n")
    assert "10⁻" not in text


# Other notations


def test_it_shows_in_jupyter():
    explanation = cau3()
    assert explanation._repr_markdown_() == explanation.to_markdown()
    assert repr(explanation) == str(explanation)


def test_the_page_is_one_file_of_well_formed_mathml():
    for exercise in (exercises.cau3(), exercises.cau4()):
        for lang in ("vi", "en"):
            page = html(exercise, lang)
            assert not re.search(r'(src|href)="http|<script|<link', page)
            for formula in re.findall(r"<math.*?</math>", page, re.DOTALL):
                ET.fromstring(formula)
            assert page.count("<math") > 8
            assert "<svg" in page
            assert f'lang="{lang}"' in page


HOSTILE = ["<script>alert(1)</script>", "_", "a&b", "50% $", "a\x00b", "a·b", "{", "w_<b>"]


@pytest.mark.parametrize("label", HOSTILE)
def test_any_label_gives_well_formed_mathml(label):
    x = Value(2.0, label)
    page = explain(labelled(dot([x, 3.0], [x, x]), "y"), x).to_html()
    assert "<script" not in page
    for formula in re.findall(r"<math.*?</math>", page, re.DOTALL):
        ET.fromstring(formula)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX")
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("exercise", [exercises.cau3, exercises.cau4, exercises.network])
def test_latex_compiles(exercise, lang, tmp_path):
    (tmp_path / "page.tex").write_text(latex(exercise(), lang), "utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-800:]
    assert (tmp_path / "page.pdf").stat().st_size > 10_000


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX")
def test_a_fragment_with_any_label_compiles(tmp_path):
    x = Value(0.3, "đạo hàm 50% & $x_1$ # {~} \\^")
    odd = Op("odd_op", lambda x: 2 * x, lambda out, x: (2.0,), symbol="leaky_50%")
    y = labelled(odd(tanh(x)) ** 2 / sqrt(x + 1), "σ₂′")
    fragment = explain(y, x).to_latex()
    text = (
        "\\documentclass{article}\\usepackage[utf8]{inputenc}\\usepackage[T5]{fontenc}"
        "\\usepackage{amsmath}\\begin{document}\n" + fragment + "\\end{document}\n"
    )
    (tmp_path / "page.tex").write_text(text, "utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-800:]


def test_an_operation_is_written_as_its_notation_says():
    cube = Op("cubed", lambda x: x**3, lambda out, x: (3 * x**2,), notation=lambda x: x**3)
    x = Value(2.0, "x")
    text = str(explain(2 * cube(x + 1), x, lang="en"))
    assert "f = 2·(x + 1)³" in text


def test_two_values_of_one_name_are_refused():
    x, other = Value(1.0, "x"), Value(2.0, "x")
    with pytest.raises(ValueError, match="2 values are called 'x'; give each a label of its own"):
        explain(x * other, x)


def test_sums_of_chains_that_are_alike_have_a_general_line_first():
    """∂L/∂wᵢ = ∂L/∂hᵢ · ∂hᵢ/∂wᵢ comes before its instances, as ∂L/∂hᵢ = ŷᵢ − yᵢ does."""
    r = Value(2.4, "R")
    w = [Value(x, f"w{i}") for x, i in zip((0.3, -0.4, 0.2), "₀₁₂", strict=True)]
    h = [(a * r).named(f"h{i}") for a, i in zip(w, "₀₁₂", strict=True)]
    y_hat = [p.named(f"ŷ{i}") for p, i in zip(softmax(h), "₀₁₂", strict=True)]
    loss = cross_entropy(h, 1).named("L")
    text = str(explain(loss, w, using=y_hat, lang="en"))
    general = "    ∂L/∂wᵢ = ∂L/∂hᵢ · ∂hᵢ/∂wᵢ, by (1)\n\nnamely:\n\n"
    first = y_hat[0].data
    assert f"{general}    ∂L/∂w₀ ≈ {first:.4f}·2.4 ≈ {first * 2.4:.3f}\n" in text
    assert check_equalities(text) >= 10


def test_the_derivative_of_a_cross_entropy_by_a_target_follows_from_its_own_line():
    h = [Value(x, f"h{i}") for x, i in zip((0.3, -1.2), "₀₁", strict=True)]
    y = [Value(x, f"y{i}") for x, i in zip((0.25, 0.75), "₀₁", strict=True)]
    y_hat = [p.named(f"ŷ{i}") for p, i in zip(softmax(h), "₀₁", strict=True)]
    text = str(explain(cross_entropy(h, y).named("L"), y, using=y_hat, lang="en"))
    assert "L = −(y₀·ln(ŷ₀) + y₁·ln(ŷ₁)), so:\n\n    ∂L/∂yᵢ = −ln(ŷᵢ)\n" in text


def test_ten_classes_are_explained_as_two_are():
    w, digits = Value(0.5, "w"), "₀₁₂₃₄₅₆₇₈₉"
    h = [(w * i).named(f"h{j}") for i, j in enumerate(digits)]
    y_hat = [p.named(f"ŷ{i}") for p, i in zip(softmax(h), digits, strict=True)]
    loss = cross_entropy(h, 3).named("L")
    text = str(explain(loss, h[2:4], using=y_hat, lang="en"))
    total = " + ".join(f"exp({x.label})" for x in h)
    assert f"ŷ₂ = exp(h₂)/({total})\n" in text
    assert "L = −ln(ŷ₃), so:\n\n    ∂L/∂hᵢ = ŷᵢ − yᵢ\n\nwhere y₂ = 0, y₃ = 1:\n" in text
    text = str(explain(y_hat[3], h[2:4], lang="en"))
    assert "∂ŷ₃/∂h₂ = −ŷ₃·ŷ₂ ≈" in text
    text = str(explain(log_softmax(h)[3].named("ℓ"), h[2:4], using=y_hat, lang="en"))
    assert "∂ℓ/∂h₃ = 1 − ŷ₃ ≈" in text
    share = math.exp(1.0) / sum(math.exp(0.5 * i) for i in range(10))
    assert f"∂ℓ/∂h₂ = −ŷ₂ ≈ −{share:.4g}\n" in text
    assert "max" not in text


def test_an_empty_label_is_a_label_of_a_probability_too():
    x = Value(0.0, "x")
    p = softmax([x, x, x] * 3)[0].named("")
    text = str(explain(p, x))
    assert "∂()/∂x = ()·(1 − ()) − 8·()²\n" in text


@pytest.mark.parametrize(("squash", "name"), [(tanh, "tanh"), (sigmoid, "σ")])
def test_what_is_held_constant_is_not_in_what_is_derived(squash, name):
    x, w = Value(2.0, "x"), Value(-0.3, "w")
    o = squash(w * x).named("o")
    loss = ((o - 1) ** 2).named("L")
    slope = grad(loss, [w])[0].named("∂L/∂w")
    text = str(explain(slope, w, lang="en"))
    assert f"o = {name}(w·x)" in text
    assert "|o" not in text  # with o held constant, 2·(o − 1)·(1 − o²)·x has no w
    check_equalities(text)


def test_a_value_that_is_called_a_derivative_is_not_in_its_own_formula():
    x = Value(0.0, "x")
    text = str(explain(exp(x).named("∂L/∂R"), x))
    assert "∂L/∂R = exp(x)" in text
    slopes = [grad(x**2, [x])[0].named(label) for label in ("∂y/∂x", "∂z/∂x")]
    text = str(explain(slopes[0] * slopes[1], x))
    assert "∂y/∂x = 2·x" in text
    assert "∂z/∂x = 2·x" in text
    check_equalities(text)


def test_a_derivative_in_one_step_is_said_once_and_without_the_chain_rule():
    x, y = Value(1.5, "x"), Value(2.0, "y")
    text = str(explain((x**2).named("z"), x, forward=True, lang="en"))
    assert text.count("z = x²") == 1
    assert "∂z/∂x = 2·x = 2·1.5 = 3" in text
    assert "chain rule" not in str(explain((x * y).named("z"), [x, y], lang="en"))
    assert "chain rule" in str(explain(((x * y).named("z") ** 2).named("u"), [x, y], lang="en"))
