"""The graph as a program: what is folded, what is computed once, and what is said of inputs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, dot, exp, grad, lambdify, maximum, sigmoid, tanh
from micrograd_vn.engine import topological_order
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.tree import Number, evaluate
from micrograd_vn.readers.program import Program
from tests.formulas.recipes import PHASES, build, number, recipes
from tests.sizes import size

POINT = st.tuples(*[st.floats(-3, 3).map(lambda x: round(x, 3))] * 3)


def run(program, point):
    """Return the results of a program, computed line by line on its formulas."""
    known = dict(zip(program.arguments, point, strict=True))
    for line in program.assignments:
        known[line.target] = evaluate(line.formula, known.__getitem__)
    return [
        float(r) if isinstance(r, Number) else known[r] for r in program.results
    ]  # what it needs is there when it is needed


@settings(max_examples=size(60, 150), phases=PHASES)
@given(recipes(3, leaves=10), POINT, POINT)
def test_the_lines_in_their_order_compute_the_outputs_at_any_point(recipe, point, there):
    inputs = [Value(x, f"x{i}") for i, x in enumerate(point)]
    try:
        y = build(recipe, inputs)
        outputs = [y, *grad(y, inputs)] if isinstance(y, Value) else []
    except ERRORS:
        return
    program = Program(inputs, outputs)
    assert [repr(x) for x in run(program, point)] == [repr(v.data) for v in outputs]
    want = number(lambda: build(recipe, there))
    if want is not None and outputs:
        assert repr(run(Program(inputs, [y]), there)[0]) == repr(want)


@settings(max_examples=size(60, 150), phases=PHASES)
@given(recipes(3, leaves=12), POINT)
def test_nothing_is_computed_twice_or_of_constants_alone(recipe, point):
    inputs = [Value(x, f"x{i}") for i, x in enumerate(point)]
    try:
        y = build(recipe, inputs)
        y = y + build(recipe, inputs)  # all of it, recorded a second time
        outputs = [y, *grad(y, inputs)] if isinstance(y, Value) else []
    except ERRORS:
        return
    program = Program(inputs, outputs)
    lines = [(line.formula.op, *map(id, line.formula.parents)) for line in program.assignments]
    assert len(set(lines)) == len(lines)
    for line in program.assignments:
        assert not all(isinstance(x, Number) for x in line.formula.parents)
        assert all(x.op is None for x in line.formula.parents)
    targets = [line.target for line in program.assignments]
    assert len(set(targets)) == len(targets)
    used = {x for line in program.assignments for x in line.formula.parents}
    assert set(targets) <= used | set(program.results)  # and nothing in vain


@settings(max_examples=size(40, 100), phases=PHASES)
@given(recipes(3), POINT)
def test_an_input_that_nothing_depends_on_is_said_in_the_source(recipe, point):
    inputs = [Value(x, f"x{i}") for i, x in enumerate(point)]
    try:
        y = build(recipe, inputs)
    except ERRORS:
        return
    if not isinstance(y, Value):
        return
    present = set(topological_order(y))
    f, script = lambdify(inputs, [y]), lambdify(inputs, [y], "javascript")
    for x in inputs:
        said = f"no output depends on {x.label}\n"
        assert (said in f.source) == (said in script.source) == (x not in present)


def test_an_unused_part_of_a_nested_input_is_said_too():
    a, b, c = Value(1.0, "a"), Value(2.0), Value(3.0, "c")
    source = lambdify([a, [b, c]], a * 2).source
    assert source.count("# no output depends on") == 2
    assert lambdify([a, [b, c]], a * 2)(4.0, [1.0, 1.0]) == 8.0


@pytest.mark.parametrize("modules", ["math", "numpy", "javascript"])
@pytest.mark.parametrize("number", [2.0, 5.0])
def test_a_name_bound_anew_is_an_error(modules, number):
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = w * x**2
    again = Value(number, "x")
    with pytest.raises(ValueError, match=r"another value called 'x'.*bound anew"):
        lambdify([again, w], y, modules)
    lambdify([x, w], y, modules)
    unnamed = Value(number)
    lambdify([unnamed, x], y, modules)  # no name, no mistake to find
    lambdify([again, x], y * again, modules)  # both are inputs


def test_constants_made_of_constants_are_one_number():
    x, c = Value(1.0, "x"), Value(0.5, "c")
    y = tanh(c * 2 + exp(c)) * x + sigmoid(c)
    f = lambdify([x], y)
    assert [line.strip() for line in f.source.splitlines() if "=" in line] == [
        f"v1 = {math.tanh(1 + math.exp(0.5))!r} * x",
        f"v2 = v1 + {1 / (1 + math.exp(-0.5))!r}",
    ]
    assert f(1.0) == y.data
    c.data = 0.0  # the program is of the numbers when it is made
    assert lambdify([x], y)(1.0) == math.tanh(1.0) + 0.5


def test_the_sections_are_what_the_first_output_needs_and_the_rest():
    x = Value(1.0, "x")
    y = tanh(x * 3)
    program = Program([x], [y, *grad(y, [x])])
    sections = [line.section for line in program.assignments]
    assert sections == sorted(sections, reverse=True)
    assert sections.count("forward") == 2
    assert "backward" in sections


def test_a_graph_that_shares_is_a_program_of_its_size():
    x = y = Value(1.0, "x")
    for _ in range(60):
        y = y * y
    assert len(Program([x], y).assignments) == 60
    assert lambdify([x], y)(1.0) == 1.0
    terms = dot([x] * 3000, [0.5] * 3000)
    assert len(Program([x], terms).assignments) == 1
    for modules in ("math", "numpy"):
        assert lambdify([x], terms, modules)(2.0) == 3000.0
    total = x * 0
    for i in range(3000):
        total = total + x * i
    f = lambdify([x], total, "numpy")
    assert f(1.0) == 3000 * 2999 / 2
    assert len(f.source) < 3000 * 60


def test_different_operations_of_one_name_on_the_same_operands_are_not_one():
    one = Op("mine", lambda x: x + 1, lambda out, x: (1.0,))
    two = Op("mine", lambda x: x + 2, lambda out, x: (1.0,))
    x = Value(1.0, "x")
    for modules in ("math", "numpy"):
        assert lambdify([x], [one(x), two(x)], modules)(1.0) == [2.0, 3.0]


def test_numbers_that_are_equal_but_not_the_same_stay_apart():
    x = Value(1.0, "x")
    f = lambdify([x], [x * 0.0, x * -0.0, maximum(x, 0.0), maximum(x, -0.0)])
    assert [math.copysign(1, r) for r in f(1.0)[:2]] == [1, -1]
    same = Value(2.0, "a"), Value(2.0, "b")
    g = lambdify(same, same[0] - same[1] * 3)
    assert g(10.0, 1.0) == 7.0
    assert np.all(lambdify(same, same[0] - same[1] * 3, "numpy")(np.ones(2), 1.0) == -2.0)
