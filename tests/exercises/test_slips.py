"""Slips: those planted by plain arithmetic are named, and chance is seldom taken for one."""

import functools
import math

import pytest

from micrograd_vn.engine import topological_order
from micrograd_vn.exercises import cau3, cau4, check, network
from micrograd_vn.exercises.calculation import Calculation
from micrograd_vn.exercises.checking import Checker
from micrograd_vn.exercises.diagnosis import Diagnostician
from micrograd_vn.exercises.slips import SLIPS, Change, Slip
from micrograd_vn.formulas.tree import Derivative, Name, evaluate
from micrograd_vn.phrases import LANGUAGES
from tests.exercises.shapes import neuron
from tests.sizes import size
from tests.slips import SHAPES, measure


@functools.cache
def measured():
    """Return what happens to variants of all shapes, counted, and what is not named."""
    return measure(size(30, 60), seed=5)


def of(symbol, report):
    (step,) = (s for s in report.steps if s.symbol == symbol)
    return step


def named(symbol, report):
    return [(d.slip.name, repr(d.formula)) for d in of(symbol, report).slips]


def test_right_answers_rounded_in_any_way_are_all_right():
    count, _ = measured()
    assert count["right answers"] > 1500
    assert count["right answers judged right"] == count["right answers"]


@pytest.mark.parametrize("kind", ["planted", "left out"])
def test_a_planted_slip_is_found_where_it_is(kind):
    count, _ = measured()
    assert count[kind] > 15
    assert count[f"{kind}: found where it is"] == count[kind]


def test_a_planted_slip_is_named():
    count, missed = measured()
    assert count["planted: named"] >= 0.95 * count["planted"], missed


def test_random_numbers_of_four_digits_are_seldom_taken_for_a_slip():
    count, _ = measured()
    assert count["4 digits"] > 25
    assert count["4 digits: explained"] <= 0.01 * count["4 digits"]


def test_a_chance_that_is_stated_is_the_share_of_other_numbers_that_are_explained():
    checker = Checker(cau3())
    (least, *_) = of("∂L/∂R", checker.report("∂L/∂R = 0.24")).slips
    as_simple = SLIPS[: SLIPS.index(least.slip) + 1]
    # all numbers that are no further from this one than the right one is, −0.11
    others = [of("∂L/∂R", checker.report({"∂L/∂R": f"{n / 100:.2f}"})) for n in range(-11, 59)]
    wrong = [step.slips for step in others if step.verdict == "wrong"]
    explained = [[d for d in slips if d.slip in as_simple and d.at is least.at] for slips in wrong]
    share = sum(map(bool, explained)) / len(wrong)
    assert len(wrong) > 60
    assert share / 1.5 < least.chance < 1.5 * share


def test_six_shapes_of_exercises_are_measured():
    assert len(SHAPES) == 6


NETWORK = "z₀ = {}; R = {}; h₀ = {}; h₁ = {}"


@pytest.mark.parametrize(
    ("made", "answers", "symbol", "slip", "formula"),
    [
        (cau3, "∂L/∂h₀ = 0.1571", "∂L/∂h₀", "swapped", "y₀ − ŷ₀"),
        (cau3, "∂L/∂h₀ = 1.8429", "∂L/∂h₀", "plus for minus", "ŷ₀ + y₀"),
        (cau3, "∂L/∂h₁ = 0.8429", "∂L/∂h₁", "other class", "ŷ₀ − y₁"),
        (cau3, "∂h₁/∂R = 0.4", "∂h₁/∂R", "minus forgotten", "−w₂′"),
        (cau3, "∂h₁/∂R = 0.3", "∂h₁/∂R", "other index", "w₂"),
        (cau3, "R = 2.4; h₀ = 0.72; ∂h₀/∂R = 0.72", "∂h₀/∂R", "value for derivative", "h₀"),
        (network, "z₀ = -2.4; R = -2.4", "R", "function forgotten", "z₀"),
        (network, "z₀ = 2.4; R = 2.4; h₀ = -0.96", "h₀", "other index", "w₂′·R"),
        (network, "z₀ = 2.4; R = 2.4; h₀ = 2.7", "h₀", "sum for product", "w₂ + R"),
        (network, "z₀ = 2.4; R = 2.4; h₀ = 0.125", "h₀", "division for multiplication", "w₂/R"),
        (network, "z₀ = 2.4; R = 2.4; h₀ = 1.728", "h₀", "used twice", "w₂·(R·R)"),
    ],
)
def test_each_kind_of_slip(made, answers, symbol, slip, formula):
    exercise = made() if "-2.4" not in answers else made(w1=-0.8)
    assert (slip, formula) in named(symbol, check(exercise, answers))


def test_two_slips_with_one_number_are_both_named():
    # w₂ = w₂′/2, and ∂L/∂h₁ = −∂L/∂h₀: the first path alone is the negative of both.
    answers = {
        "∂L/∂h₀": -0.25, "∂L/∂h₁": 0.25, "∂h₀/∂R": 0.3, "∂h₁/∂R": 0.6, "∂L/∂R": "-0.0750",
    }  # fmt: skip
    report = check(network(w2=0.3, w2_prime=0.6), answers, lang="en")
    assert named("∂L/∂R", report)[:2] == [
        ("minus added", "−(∂L/∂h₀ · ∂h₀/∂R + ∂L/∂h₁ · ∂h₁/∂R)"),
        ("path forgotten", "∂L/∂h₀ · ∂h₀/∂R"),
    ]
    assert "; or ∂L/∂h₀ · ∂h₀/∂R = (−0.25)·0.3 = −0.075" in str(report)


def test_a_slip_in_a_step_that_was_left_out_is_found_there():
    # h₀ = −0.96 by w₂′ for w₂, which changes ŷ₀ and ŷ₁, and with them all that follows.
    report = check(network(), "z₀ = 2.4; R = 2.4; h₁ = 1.1; ŷ₀ = 0.11305", lang="en")
    (found, *_) = of("ŷ₀", report).slips
    assert (repr(found.at), repr(found.formula)) == ("h₀", "w₂′·R")
    assert "where h₀ = w₂′·R = (−0.4)·2.4 = −0.96" in str(report)


def answers_alone(made):
    """Yield the answer that follows from each slip at each step before it."""
    calculation = Calculation(made)
    exact, known = calculation.numbers({}), Diagnostician(SLIPS)
    for symbol in calculation.leading_to(made.question)[:-1]:
        for candidate in known.of(calculation, symbol):
            slipped = candidate.program(exact)
            if math.isfinite(slipped):
                yield calculation.numbers({symbol: slipped})[made.question]


@pytest.mark.parametrize("definition", [cau3, cau4, network, neuron], ids=lambda d: d.__name__)
def test_each_line_of_a_diagnosis_is_true(definition):
    made, checked = definition(), 0
    for answer in list(answers_alone(made))[:: size(15, 5)]:
        if not math.isfinite(answer) or abs(answer) < 1e-3:
            continue
        report = check(made, {made.question: f"{answer:.6f}"})
        for diagnosis in of(made.question, report).slips:
            for equation in diagnosis.equations:
                *_, numeric, result = equation.sides
                if any(isinstance(f, (Name, Derivative)) for f in topological_order(numeric)):
                    continue  # nothing is put in: w₂ = 0.3
                checked += 1
                value, shown = evaluate(numeric, {}), evaluate(result, {})
                assert value == pytest.approx(shown, rel=2e-3, abs=2e-4), diagnosis
    assert checked > 3


def test_what_comes_after_a_slip_that_was_left_out_follows_from_it():
    # σ(1.1) ≈ 0.7503 for its own derivative, which makes ∂L/∂z −0.4995·0.7503 ≈ −0.3747.
    report = check(neuron(), "∂L/∂w = -0.74948", lang="en")
    assert "∂L/∂z · ∂z/∂w = (−0.3747)·2 ≈ −0.74948, where ∂ŷ/∂z = ŷ = 0.7503" in str(report)


def test_numbers_are_put_in_from_the_students_own():
    report = check(network(), "z₀ = 2; R = 2; h₀ = -0.80", lang="en")
    assert "w₂′·R = (−0.4)·2 = −0.80: w₂′ instead of w₂ (the wrong index)" in str(report)


@pytest.mark.parametrize(("said", "is_guess"), [("0.8429", False), ("0.84", True)])
def test_with_few_digits_a_slip_is_a_guess_and_it_is_said_how_likely_chance_is(said, is_guess):
    report = check(cau3(), f"∂L/∂h₁ = {said}", lang="en")
    (first, *_) = of("∂L/∂h₁", report).slips
    assert first.slip.name == "other class"
    assert first.is_guess is is_guess
    assert ("% of random wrong numbers would fit" in str(report)) is is_guess
    assert ("A guess: " in str(report)) is is_guess


def test_a_number_that_no_slip_explains():
    report = check(cau3(), "∂L/∂h₁ = 0.2718", lang="en")
    assert of("∂L/∂h₁", report).slips == []
    assert "No single slip gives this number." in str(report)


def test_a_slip_of_ones_own_is_an_entry_more():
    def shifted(part, around):
        if around.defines(part):
            yield Change(10 * part, (part,))

    mine = Slip("shifted", shifted, {"vi": "{} bị dời dấu phẩy", "en": "{} is shifted"})
    answers = "∂L/∂h₁ = 1.571"
    assert named("∂L/∂h₁", check(cau3(), answers)) == []
    report = check(cau3(), answers, slips=[*SLIPS, mine])
    assert named("∂L/∂h₁", report) == [("shifted", "10·(ŷ₁ − y₁)")]
    assert "10·(ŷ₁ − y₁) = 10·(0.1571 − 0) = 1.571: ŷ₁ − y₁ bị dời dấu phẩy" in str(report)


def test_every_slip_has_a_name_and_words_of_its_own():
    assert len({slip.name for slip in SLIPS}) == len(SLIPS)
    for lang in LANGUAGES:
        assert len({slip.said[lang] for slip in SLIPS}) == len(SLIPS)
