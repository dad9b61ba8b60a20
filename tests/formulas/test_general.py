"""General formulas: each of their instances is what the general one says for its index."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import ops
from micrograd_vn.formulas.general import general
from micrograd_vn.formulas.names import SUBSCRIPTS, derivative, indices
from micrograd_vn.formulas.tree import Derivative, Formula, Name, Number
from tests.formulas.recipes import PHASES, build, recipes
from tests.sizes import size


def named(label, i):
    return Name(f"{label}{str(i).translate(SUBSCRIPTS)}")


def texts(formulas):
    return None if formulas is None else [str(f) for f in formulas]


@settings(max_examples=size(40, 100), phases=PHASES)
@given(recipes(3, leaves=6), st.lists(st.integers(0, 20), min_size=2, max_size=4, unique=True))
def test_instances_of_a_formula_have_that_formula_in_common(recipe, places):
    def instance(i):
        return build(recipe, [named("x", i), Name("w"), named("y", i)], number=Number)

    want = build(recipe, [Name("xᵢ"), Name("w"), Name("yᵢ")], number=Number)
    found = general(*[[instance(i)] for i in places])
    if str(instance(places[0])) == str(instance(places[1])):
        assert found is None  # nothing differs
    elif len({len(str(i)) for i in places}) == 1 and len(str(places[0])) == 1:
        assert texts(found) == [str(want)]


@pytest.mark.parametrize(
    ("left", "right", "want"),
    [
        ("ŷ₀ y₀", "ŷ₁ y₁", "ŷᵢ yᵢ"),
        ("ŷ₀ y₀", "ŷ₁ y₀", "ŷᵢ y₀"),
        ("ŷ₀ y₁", "ŷ₁ y₀", None),  # the index has to be the same
        ("ŷ₀ y₀", "ŷ₁ z₁", None),
        ("w₂ h₀", "w₂′ h₁", None),
        ("w₁₁ x₁", "w₁₂ x₂", "w₁ᵢ xᵢ"),
        ("w₁,₁ x₁", "w₁,₂ x₂", "w₁,ᵢ xᵢ"),
        ("h₉ a₉", "h₁₀ a₁₀", "hᵢ aᵢ"),
        ("w⁽¹⁾₁ a", "w⁽¹⁾₂ a", "w⁽¹⁾ᵢ a"),
        ("a b", "a b", None),
        ("a b", "c b", None),
    ],
)
def test_names_have_a_letter_where_their_index_differs(left, right, want):
    found = general(*[list(map(Name, labels.split())) for labels in (left, right)])
    assert texts(found) == (None if want is None else want.split())


def test_derivatives_and_different_operations():
    loss, r = Name("L"), Name("R")
    h = [named("h", i) for i in range(3)]
    assert texts(general(*[[Derivative(loss, [x])] for x in h])) == ["∂L/∂hᵢ"]
    assert texts(general(*[[Derivative(x, [r])] for x in h])) == ["∂hᵢ/∂R"]
    assert texts(general(*[[Derivative(x, [r], [named("a", i)])] for i, x in enumerate(h)])) == [
        "∂hᵢ/∂R|aᵢ"
    ]
    assert general([ops.tanh(h[0])], [ops.sin(h[1])]) is None
    assert general([h[0] + 1], [h[1] + 2]) is None
    assert general([Derivative(loss, [h[0]])], [h[1]]) is None
    assert general([h[1]], [Derivative(loss, [h[0]])]) is None
    assert isinstance((general([h[0]], [h[1]]) or [None])[0], Formula)


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("∂L/∂w₁", ("L", ("w₁",))),
        ("∂²y/∂x²", ("y", ("x", "x"))),
        ("∂²y/∂x∂w", ("y", ("x", "w"))),
        ("∂³y/∂x²∂w", ("y", ("x", "x", "w"))),
        ("∂²y/∂x", None),
        ("∂y/x", None),
        ("∂y", None),
        ("dy/dx", None),
        ("∂/∂x", None),
        ("∂(a + b)/∂x", None),
        ("w₁", None),
    ],
)
def test_a_label_may_be_a_derivative(label, parts):
    assert derivative(label) == parts


def test_a_name_that_is_a_derivative_is_written_as_one():
    x, slope = Name("x"), Name("∂f/∂x")
    assert str(Derivative(slope, [x])) == "∂²f/∂x²"
    assert str(Derivative(slope, [Name("y")])) == "∂²f/∂x∂y"
    assert str(slope * x) == "∂f/∂x · x"
    assert str(slope**2) == "(∂f/∂x)²"
    assert str(Derivative(slope, [Name("y")]) * slope) == "∂²f/∂x∂y · ∂f/∂x"


def test_indices_stand_between_what_is_before_and_after():
    assert indices("w⁽¹⁾₁,₂′") == ("w⁽¹⁾", ["₁", "₂"], "′")
    assert indices("a + b₁") is None
