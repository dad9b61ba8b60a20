"""Slips: those planted by plain arithmetic are named, and chance is seldom taken for one."""

from random import Random

import pytest

from micrograd_vn.exercises import cau4, check, network, variants

MADE = variants(network, 40, seed=11)

# What the student wrote for a quantity, and how it was calculated, by plain arithmetic.
PLANTED = {
    "∂L/∂h₁ = ŷ₀ − y₁": lambda n, g: n["ŷ₀"] - n["y₁"],
    "∂L/∂h₀ = y₀ − ŷ₀": lambda n, g: n["y₀"] - n["ŷ₀"],
    "∂L/∂h₀ = ŷ₀ + y₀": lambda n, g: n["ŷ₀"] + n["y₀"],
    "∂L/∂R = ∂L/∂h₀ · ∂h₀/∂R": lambda n, g: g["h₀"] * n["w₂"],
    "∂L/∂R = ∂L/∂h₁ · ∂h₁/∂R": lambda n, g: g["h₁"] * n["w₂′"],
    "∂L/∂R = ∂L/∂h₀ · ∂h₀/∂R − ∂L/∂h₁ · ∂h₁/∂R": (
        lambda n, g: g["h₀"] * n["w₂"] - g["h₁"] * n["w₂′"]
    ),
    "∂L/∂R = ∂L/∂h₀ + ∂L/∂h₁ · ∂h₁/∂R": lambda n, g: g["h₀"] + g["h₁"] * n["w₂′"],
    "∂L/∂R = −(∂L/∂h₀ · ∂h₀/∂R + ∂L/∂h₁ · ∂h₁/∂R)": (
        lambda n, g: -g["h₀"] * n["w₂"] - g["h₁"] * n["w₂′"]
    ),
    "∂L/∂R = (∂L/∂h₀)/(∂h₀/∂R) + ∂L/∂h₁ · ∂h₁/∂R": (
        lambda n, g: g["h₀"] / n["w₂"] + g["h₁"] * n["w₂′"]
    ),
}


def numbers(variant):
    """Return the values and the derivatives of L that the engine found."""
    nodes = variant.nodes.items()
    return {name: v.data for name, v in nodes}, {name: v.grad for name, v in nodes}


def diagnosed(variant, symbol, number):
    """Return the verdict on a number with four decimals, and the values of what is named."""
    report = check(variant, {symbol: f"{number:.4f}"})
    (step,) = (s for s in report.steps if s.symbol == symbol)
    return step.verdict, [slip.formula for slip in step.slips]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_slip_is_found_wherever_it_changes_the_number(planted):
    symbol = planted.partition(" = ")[0]
    wrong = named = 0
    for variant in MADE:
        verdict, slips = diagnosed(variant, symbol, PLANTED[planted](*numbers(variant)))
        if verdict == "wrong":
            wrong += 1
            named += planted.partition(" = ")[2] in map(repr, slips)
    assert wrong > 10
    assert named >= 0.95 * wrong


def test_random_numbers_of_four_decimals_are_seldom_taken_for_a_slip():
    random = Random(5)
    found = tried = 0
    for variant in MADE * 15:
        verdict, slips = diagnosed(variant, "∂L/∂R", 4 * random.random() - 2)
        tried += verdict == "wrong"
        found += bool(slips)
    assert found < 0.01 * tried


def test_a_division_for_a_multiplication_is_named():
    for variant in variants(cau4, 30, seed=2):
        number = variant.givens["∂L/∂w₁"] * variant.givens["x"]
        verdict, slips = diagnosed(variant, "∂L/∂R", number)
        if verdict == "wrong":
            assert "∂L/∂w₁ · ∂R/∂w₁" in map(repr, slips)


def test_two_slips_with_one_number_are_both_named():
    # w₂ = w₂′/2, and ∂L/∂h₁ = −∂L/∂h₀: the first path alone is the negative of both.
    report = check(
        network(w2=0.3, w2_prime=0.6), {"∂L/∂h₀": -0.25, "∂L/∂h₁": 0.25, "∂L/∂R": "-0.0750"}
    )
    (step,) = (s for s in report.steps if s.verdict == "wrong" and s.symbol == "∂L/∂R")
    assert [repr(slip.formula) for slip in step.slips] == [
        "∂L/∂h₀ · ∂h₀/∂R", "−(∂L/∂h₀ · ∂h₀/∂R + ∂L/∂h₁ · ∂h₁/∂R)",
    ]  # fmt: skip
