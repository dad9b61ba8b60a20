"""Variants: all can be solved, differ and are clear, by arithmetic that knows no engine."""

import functools
import math
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import pytest

from micrograd_vn import Value
from micrograd_vn.exercises import GivensError, cau3, cau4, exercise, network, sampling, variants
from tests.sizes import size

COURSE = pytest.mark.parametrize("definition", [cau3, cau4, network], ids=lambda d: d.__name__)


@functools.cache
def some(definition):
    """Return more variants than are needed at once: fewer are the first of these."""
    return variants(definition, size(160, 300), seed=7)


def at_school(x, decimals=2):
    """Return a number rounded half away from zero, without binary noise."""
    plain = Decimal(f"{x:.12g}")
    return float(plain.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def significant(x):
    return float(f"{x:.4g}")


def by_hand(name, givens, keep):
    """Return ∂L/∂R as one calculates it, with `keep` applied to each number on the way."""
    g = givens
    if name == "cau4":
        assert g["x"] * g["w₁"] + g["b₁"] > 0
        return g["∂L/∂w₁"] / g["x"]
    if name == "cau3":
        outputs = g["ŷ₀"], g["ŷ₁"]
    else:
        r = keep(max(0.0, keep(g["w₁"] * g["x"] + g["b₁"])))
        powers = [math.exp(keep(g[w] * r)) for w in ("w₂", "w₂′")]
        outputs = [keep(p / sum(powers)) for p in powers]
    slopes = [keep(p - (i == g["y"])) for i, p in enumerate(outputs)]
    return slopes[0] * g["w₂"] + slopes[1] * g["w₂′"]


@COURSE
def test_thirty_variants_of_the_course_have_the_answers_of_plain_arithmetic(definition):
    made = some(definition)[:30]
    assert len(made) == 30
    for variant in made:
        exact = by_hand(definition.__name__, variant.givens, float)
        assert variant.answer == pytest.approx(exact, abs=1e-9)
        assert variant.rounded == at_school(exact) != 0


@COURSE
def test_all_variants_and_all_rounded_answers_differ(definition):
    made = some(definition)[:30]
    assert len({tuple(variant.givens.values()) for variant in made}) == 30
    assert len({variant.rounded for variant in made}) == 30


@COURSE
@pytest.mark.parametrize("seed", range(size(1, 4)))
def test_who_rounds_on_the_way_gets_the_same_answer(definition, seed):
    for variant in variants(definition, 40, seed=seed):
        rounded = by_hand(definition.__name__, variant.givens, significant)
        assert at_school(rounded) == at_school(significant(rounded)) == variant.rounded


@COURSE
def test_the_numbers_are_those_of_the_domains(definition):
    for variant in some(definition)[:30]:
        for name in ("x", "w₁", "b₁", "w₂", "w₂′"):
            if name in variant.givens:
                assert Decimal(str(variant.givens[name])).as_tuple().exponent >= -1


def test_the_outputs_of_cau3_belong_to_a_pleasant_r():
    for variant in some(cau3)[:30]:
        r = variant.nodes["R"].data
        nearest = at_school(r, 1)
        assert 0.4 <= nearest <= 5.0
        # What rounding ŷ to four decimals may change of R = ln(ŷ₀/ŷ₁) / (w₂ − w₂′).
        p, q = variant.givens["ŷ₀"], variant.givens["ŷ₁"]
        off = 0.5e-4 * (1 / p + 1 / q) / abs(variant.givens["w₂"] - variant.givens["w₂′"])
        assert abs(r - nearest) <= 1.1 * off
        assert p == round(p, 4)
        assert p + q == pytest.approx(1, abs=1e-12)


def test_a_seed_gives_the_same_variants_everywhere():
    givens = [variant.givens for variant in variants(cau3, 2, seed=7)]
    assert givens == [
        {"x": 1.5, "w₂": -0.8, "w₂′": 0.1, "ŷ₀": 0.1034, "ŷ₁": 0.8966, "y": 0},
        {"x": 0.5, "w₂": -0.8, "w₂′": -0.2, "ŷ₀": 0.3682, "ŷ₁": 0.6318, "y": 1},
    ]


@COURSE
def test_fewer_variants_are_the_first_of_more_and_another_seed_gives_others(definition):
    few, more, others = (variants(definition, n, seed=s) for n, s in ((5, 1), (9, 1), (5, 2)))
    assert [e.givens for e in few] == [e.givens for e in more[:5]]
    assert [e.givens for e in few] != [e.givens for e in others]


@COURSE
def test_hundreds_of_answers_differ_and_the_rounded_ones_repeat_as_little_as_can_be(definition):
    made = some(definition)
    assert len({significant(variant.answer) for variant in made}) == len(made) > 150
    shown = [variant.rounded for variant in made]
    assert max(Counter(shown).values()) <= 2
    assert len(set(shown[:150])) == 150


def power(domains, decimals=2):
    """Return an exercise whose answer is 2·w·x², with other domains."""

    @exercise(
        name={"vi": "Bài", "en": "Exercise"},
        statement=dict.fromkeys(("vi", "en"), "`y = (w·x)²`, `w = {w}`, `x = {x}`: `∂y/∂w`?"),
        asks="∂y/∂w",
        decimals=decimals,
        domains=domains,
    )
    def power(w=0.5, x=3.0):
        if w == 9:
            raise GivensError("không được", "not this")
        z = (Value(w, "w") * Value(x, "x")).named("z")
        return (z**2).named("y")

    return power


def test_answers_of_zero_and_givens_without_an_answer_are_left_out():
    made = variants(power({"w": [0, 9, 2, 1]}), 2, seed=1)
    assert {variant.givens["w"] for variant in made} == {1, 2}


def test_rounded_answers_repeat_where_the_domains_hold_no_others():
    definition = power({"w": [1, 1.01, 1.02, 1.03, 1.51]}, decimals=0)  # 18·w
    made = variants(definition, 5, seed=1)
    assert {e.rounded for e in made[:3]} == {18.0, 19.0, 27.0}
    assert sorted(e.rounded for e in made) == [18.0, 18.0, 18.0, 19.0, 27.0]
    with pytest.raises(ValueError, match="the domains hold 5, of 5"):
        variants(definition, 6, seed=1)


@COURSE
def test_no_answer_is_a_number_that_is_given(definition):
    for variant in some(definition)[:100]:
        assert significant(abs(variant.answer)) not in map(abs, variant.givens.values())


def test_givens_among_which_is_the_answer_are_left_out():
    definition = power({"w": [2, 3], "x": [1, -0.5]})  # 2·w·x²
    assert {e.answer for e in variants(definition, 3, seed=1)} == {4.0, 6.0, 1.5}
    definition = power({"w": [2, 3], "x": [2**-0.5]})  # is w
    with pytest.raises(ValueError, match="the domains hold 0, of 2"):
        variants(definition, 1, seed=1)


def test_the_error_says_how_many_the_domains_hold():
    definition = power({"w": [0, 9, 1, 2, 3], "x": [1, -1]})
    assert len(variants(definition, 3, seed=1)) == 3
    message = r"no 4 variants .*; the domains hold 3, of 10 givens that were tried"
    with pytest.raises(ValueError, match=message):
        variants(definition, 4, seed=1)


def test_without_domains_there_is_the_exercise_itself():
    (only,) = variants(power({}), 1, seed=1)
    assert only.givens == {"w": 0.5, "x": 3.0}
    with pytest.raises(ValueError, match="the domains hold 1, of 1"):
        variants(power({}), 2, seed=1)


def test_an_empty_domain_holds_none():
    with pytest.raises(ValueError, match="the domains hold 0, of 0"):
        variants(power({"w": []}), 1, seed=1)
    assert variants(power({"w": []}), 0, seed=1) == []


def test_domains_too_large_to_be_tried_are_searched(monkeypatch):
    monkeypatch.setattr(sampling, "_MOST", 1000)
    definition = power({"w": [i % 3 for i in range(500)], "x": [1, 2, -2]})
    message = r"4 were found, of 1000 givens that were tried"
    assert {e.answer for e in variants(definition, 4, seed=1)} == {2.0, 4.0, 8.0, 16.0}
    with pytest.raises(ValueError, match=message.replace("4", "3", 1)):
        variants(power({"w": [1] * 500, "x": [1, 2, 3]}), 4, seed=1)


def test_a_domain_may_depend_on_others_given_in_any_order():
    definition = power({"w": lambda x: [x, x + 1], "x": [1, 2]})
    pairs = {tuple(e.givens.values()) for e in variants(definition, 4, seed=1)}
    assert pairs == {(1, 1), (2, 1), (2, 2), (3, 2)}


def test_an_answer_that_rounding_on_the_way_would_change_is_left_out():
    # z = 1.23456·1 is 1.235 on the way: 2·1.235 = 2.470, but 2·1.23456 = 2.46912.
    with pytest.raises(ValueError, match="the domains hold 0"):
        variants(power({"w": [1.23456], "x": [1]}, decimals=3), 1, seed=1)
    assert len(variants(power({"w": [1.23456], "x": [1]}, decimals=2), 1, seed=1)) == 1
