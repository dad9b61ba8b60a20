"""The outline: a graph cut at its names is the same graph."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Value, ops, topological_order
from micrograd_vn.engine import Constant
from micrograd_vn.formulas.tree import Name, differentiate, evaluate
from micrograd_vn.readers.outline import outline
from tests.readers.test_solution import program, tangent
from tests.sizes import size

SEEDS = st.integers(0, 10_000)


def cut_at_labels(seed):
    """Return an outline of a random program, its values, and its inputs."""
    run, point, _ = program(seed)
    try:
        values = run(point(True))
    except (ArithmeticError, ValueError):
        return None
    if not all(math.isfinite(v.data) and abs(v.data) < 1e6 for v in values):
        return None
    return outline(values[-1]), topological_order(values[-1])


@settings(max_examples=size(60, 150))
@given(SEEDS)
def test_the_formula_of_a_named_value_is_of_the_named_values_that_it_depends_on(seed):
    made = cut_at_labels(seed)
    if made is None:
        return
    cut, order = made
    named = [v for v in order if v.label is not None]
    assert {cut.names[v].label for v in named} == {v.label for v in named}
    for v in named:
        if v.op is None:
            assert cut.operands(v) == []
            continue
        f = cut.formula(v)
        assert cut.number(f) == v.data  # as it was computed, to the last bit
        labels = {x.label for x in topological_order(f) if isinstance(x, Name)}
        assert [cut.names[x].label for x in cut.operands(v)] == [
            cut.names[x].label for x in cut.names if cut.names[x].label in labels
        ]
        assert v.label not in labels
        written = cut.number(cut.definition(v))
        assert written == pytest.approx(v.data, rel=1e-9, abs=1e-9)


@settings(max_examples=size(60, 150))
@given(SEEDS)
def test_the_derivative_by_an_operand_is_that_while_the_others_are_held(seed):
    made = cut_at_labels(seed)
    if made is None:
        return
    cut, order = made
    for v in [v for v in order if v in cut.names and v.op is not None]:
        operands = cut.operands(v)
        for x in operands:
            held = [h for h in operands if h is not x]
            want = tangent(v, x, held)
            got = cut.number(cut.derivative(v, x))
            if math.isfinite(want):
                assert got == pytest.approx(want, rel=1e-9, abs=1e-9)
                written = cut.number(cut.textbook(v, cut.derivative(v, x)))
                assert written == pytest.approx(want, rel=1e-6, abs=1e-6)


@settings(max_examples=size(40, 100))
@given(SEEDS)
def test_the_chain_rule_over_the_outline_gives_the_derivative(seed):
    made = cut_at_labels(seed)
    if made is None:
        return
    cut, order = made
    output = order[-1]
    total = {output: 1.0}
    for v in reversed([v for v in order if v in cut.names]):
        for x in cut.operands(v):
            slope = cut.number(cut.derivative(v, x))
            total[x] = total.get(x, 0.0) + total.get(v, 0.0) * slope
    for v in order:
        if v.op is None and v.label is not None and math.isfinite(total.get(v, 0.0)):
            want = tangent(output, v, [])
            assert total.get(v, 0.0) == pytest.approx(want, rel=1e-8, abs=1e-8)


def test_values_of_equal_numbers_keep_their_names():
    a, b = Value(2.0, "a"), Value(2.0, "b")
    y = (a**2 * b).named("y")
    cut = outline(y)
    assert str(cut.formula(y)) == "a²·b"
    assert [v.label for v in cut.operands(y)] == ["a", "b"]
    assert str(cut.textbook(y, cut.derivative(y, b))) == "a²"
    assert cut.value(Name("b")) is b


def test_a_part_that_another_value_is_has_its_name():
    z = Value(0.5, "z")
    p = ops.sigmoid(z).named("p")
    y = (ops.sigmoid(z) * 2 + p).named("y")
    cut = outline(y)
    assert str(cut.definition(y)) == "p·2 + p"
    assert str(cut.textbook(p, cut.derivative(p, z))) == "p·(1 − p)"


def test_labels_that_occur_twice_are_refused():
    y = (Value(1.0, "x") * Value(2.0, "x")).named("y")
    with pytest.raises(ValueError, match=r"draw\(fold=True\): 2 values are called 'x'"):
        outline(y)


def test_plain_numbers_are_in_the_formula_as_they_are():
    x = Value(2.0, "x")
    y = (x * (1 / 3) + Constant(0.1)).named("y")
    assert outline(y).number(outline(y).formula(y)) == y.data


def test_a_large_graph_between_two_names_is_cut_in_linear_time():
    x = y = Value(1.0, "x")
    for _ in range(60):
        y = y * 0.5 + y * 0.5
    cut = outline(y.named("y"))
    assert cut.number(cut.derivative(y, x)) == 1.0
    z = x
    for _ in range(5000):
        z = z + 0.001
    cut = outline(z.named("z"))
    assert cut.number(cut.formula(z)) == z.data
    assert evaluate(differentiate(cut.formula(z), cut.names[x]), {"x": 1.0}) == 1.0
