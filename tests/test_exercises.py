"""The exercises: every number of the course's printed solutions, and other givens."""

import copy
import inspect
import math
import pickle
import re
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from unicodedata import normalize

import mpmath
import pytest

from micrograd_vn import Value, explain, grad
from micrograd_vn.cli import main
from micrograd_vn.engine import Constant
from micrograd_vn.exercises import Exercise, GivensError, cau3, cau4, exercise, network, variants
from micrograd_vn.formulas.document import Paragraph
from micrograd_vn.formulas.tree import Equation, Number
from tests.exercises.shapes import neuron
from tests.sizes import size


def decimals(x, digits):
    return round(x, digits)


def test_every_number_of_the_solution_of_cau3():
    exercise = cau3()
    nodes = exercise.nodes
    assert decimals(nodes["ŷ₀"].data, 4) == 0.8429
    assert decimals(nodes["ŷ₁"].data, 4) == 0.1571
    # (1) ∂L/∂hᵢ = ŷᵢ - yᵢ
    assert decimals(nodes["h₀"].grad, 4) == -0.1571
    assert decimals(nodes["h₁"].grad, 4) == 0.1571
    # (2) ∂hᵢ/∂R
    factors = [grad(nodes[h], [nodes["R"]])[0].data for h in ("h₀", "h₁")]
    assert factors == [0.3, -0.4]
    # (3) the combination
    products = [nodes[h].grad * dh for h, dh in zip(("h₀", "h₁"), factors, strict=True)]
    assert [decimals(p, 5) for p in products] == [-0.04713, -0.06284]
    assert decimals(exercise.answer, 5) == -0.10997
    assert exercise.rounded == -0.11


def test_every_number_of_the_solution_of_cau4():
    exercise = cau4()
    nodes = exercise.nodes
    assert nodes["x"].data == 3.0
    assert grad(nodes["z₀"], [nodes["w₁"]])[0].data == 3.0
    assert grad(nodes["R"], [nodes["z₀"]])[0].data == 1.0
    assert decimals(nodes["w₁"].grad, 4) == -0.3299
    assert decimals(exercise.answer, 5) == -0.10997
    assert exercise.answer == nodes["R"].grad
    assert exercise.rounded == -0.11


def test_all_three_agree():
    whole, third, fourth = network(), cau3(), cau4()
    assert whole.rounded == third.rounded == fourth.rounded == -0.11
    for made in (third, fourth):
        assert made.answer == pytest.approx(whole.answer, abs=5e-5)
        for label, node in made.nodes.items():
            assert node.data == pytest.approx(whole.nodes[label].data, abs=5e-4), label
            if "ŷ" not in label and label != "x":
                assert node.grad == pytest.approx(whole.nodes[label].grad, abs=5e-4), label


def test_labels_are_those_of_the_exercise():
    first, second = ["w₁", "x", "b₁", "z₀", "R"], ["h₁", "ŷ₀", "ŷ₁", "y₀", "y₁", "L"]
    assert list(network().nodes) == ["w₂", *first, "h₀", "w₂′", *second]
    assert list(cau3().nodes) == ["x", "R", "w₂", "h₀", "w₂′", *second]
    assert list(cau4().nodes) == first
    for made in (network(), cau3(), cau4()):
        assert isinstance(made, Exercise)
        assert all(node.label == label for label, node in made.nodes.items())
        assert made.output in set(made.nodes.values())


def test_statements_and_givens():
    exercise = cau3(w2=0.5, y_hat=(0.9, 0.1))
    assert exercise.givens == {
        "x": 3.0, "w₂": 0.5, "w₂′": -0.4, "ŷ₀": 0.9, "ŷ₁": 0.1, "y": 0,
    }  # fmt: skip
    assert "w₂ = 0.5 và w₂′ = −0.4" in str(exercise.statement["vi"])
    assert "Kết quả Softmax: ŷ₀ = 0.9, ŷ₁ = 0.1" in str(exercise.statement["vi"])
    assert "Softmax outputs: ŷ₀ = 0.9, ŷ₁ = 0.1" in str(exercise.statement["en"])
    for lang in ("vi", "en"):
        assert "L′_w₁ = ∂L/∂w₁ = −0.3299" in str(cau4().statement[lang])  # as the course writes it
    assert cau4().givens["∂L/∂w₁"] == -0.3299
    for made in (network(), cau3(), cau4()):
        assert set(made.statement) == {"vi", "en"}
        assert all("{" not in str(text) for text in made.statement.values())


@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("w1", [0.8, -0.8, 2.0])
def test_network_agrees_with_mpmath(w1, y):
    x, b1, w2, w2_prime = 1.5, 0.25, 0.7, -0.2

    def loss(r):
        h = [w2 * r, w2_prime * r]
        return mpmath.log(mpmath.exp(h[0]) + mpmath.exp(h[1])) - h[y]

    with mpmath.workdps(40):
        r = max(mpmath.mpf(w1 * x + b1), mpmath.mpf(0))
        want = mpmath.diff(loss, r)
    exercise = network(x, w1, b1, w2, w2_prime, y)
    assert exercise.answer == pytest.approx(float(want), rel=1e-12)
    off = w1 < 0
    assert exercise.nodes["w₁"].grad == pytest.approx(0.0 if off else float(want) * x, rel=1e-12)


def test_other_givens_of_cau3():
    exercise = cau3(w2=0.5, w2_prime=-0.5, y_hat=(0.75, 0.25), y=1)
    assert exercise.nodes["R"].data == pytest.approx(math.log(3.0))
    assert exercise.answer == pytest.approx(0.75 * 0.5 - 0.75 * -0.5)
    assert cau3(y_hat=(0.5, 0.5)).nodes["R"].data == 0.0
    assert cau3(y_hat=(0.843, 0.157)).rounded == -0.11


def test_other_givens_of_cau4():
    assert cau4(x=-2.0, w1=-1.0, b1=0.5, dL_dw1=0.4).answer == pytest.approx(-0.2)
    assert cau4(dL_dw1=0.0).answer == 0.0


def is_vietnamese(text):
    """Return whether a text has a letter that only Vietnamese has: with a tone, a horn, a breve."""
    return not {*"\u0300\u0301\u0303\u0306\u0309\u031b\u0323"}.isdisjoint(normalize("NFD", text))


@pytest.mark.parametrize(
    ("exercise", "givens", "said"),
    [
        (cau3, {"y_hat": (0.9, 0.2)}, "ŷ₀ = 0.9, ŷ₁ = 0.2"),
        (cau3, {"y_hat": (0.8429, 0.157)}, "ŷ₀ = 0.8429, ŷ₁ = 0.157"),
        (cau3, {"y_hat": (1.0, 0.0)}, "ŷ₁ = 0.0"),
        (cau3, {"y_hat": (1.2, -0.2)}, "ŷ₁ = −0.2"),
        (cau3, {"w2": -0.4}, "w₂ = w₂′ = −0.4"),
        (cau3, {"y_hat": (0.2, 0.8)}, "ReLU"),
        (cau3, {"y": 2}, "y = 2"),
        (cau3, {"x": math.inf}, "x = inf"),
        (cau3, {"y_hat": (math.nan, 0.5)}, "ŷ₀ = nan"),
        (cau4, {"x": 0.0}, "∂R/∂w₁ = 0"),
        (cau4, {"w1": -0.8}, "∂R/∂w₁ = 0"),
        (cau4, {"y": -1}, "y = −1"),
        (network, {"y": 0.5}, "y = 0.5"),
        (network, {"b1": math.nan}, "b1 = nan"),
    ],
)
def test_inconsistent_givens_are_refused(exercise, givens, said):
    with pytest.raises(GivensError) as caught:
        exercise(**givens)
    assert isinstance(caught.value, ValueError)
    assert said in str(caught.value) == caught.value.text["en"]
    assert said in caught.value.text["vi"] != caught.value.text["en"]
    assert is_vietnamese(caught.value.text["vi"])
    assert not is_vietnamese(caught.value.text["en"])


def test_the_diagram_highlights_the_paths_of_the_chain_rule():
    for made, labels in [
        (cau3(), ["R", "h₀", "h₁", "L"]),
        (cau4(), ["w₁", "w₁·x", "z₀", "R"]),
        (network(), ["R", "h₀", "h₁", "L"]),
    ]:
        source = made.draw(fold=False).source
        assert f"{made.name['vi']}: ∂L/∂R".replace(" ", "\\ ") in source
        assert "−0.11\\ " not in source.split("label=")[1]  # the title does not tell the answer
        highlighted = {
            line.split('label="{')[1].split("|")[0].replace("\\ ", " ")
            for line in source.splitlines()
            if "#D97706" in line and 'label="{' in line
        }
        assert highlighted == set(labels)


def test_what_a_statement_gives_is_known_and_nothing_else():
    assert [v.label for v in cau3().known] == ["x", "w₂", "w₂′", "ŷ₀", "ŷ₁", "y₀", "y₁"]
    assert [v.label for v in cau4().known] == ["w₁", "x", "b₁"]
    assert (cau3().given, cau4().given) == (None, -0.3299)
    assert cau4(dL_dw1=0.5).given == 0.5


def test_cau3_shows_how_r_follows_where_asked():
    assert "R = ln(ŷ₀/ŷ₁)/(w₂ − w₂′)" in str(cau3().explain(forward=True))
    assert "ln(ŷ₀/ŷ₁)" not in str(cau3().explain())
    r, leaf = cau3().expression.found[0], cau3().nodes["R"]
    assert (r.label, r.data, leaf.op) == (leaf.label, leaf.data, None)


STATEMENT = {
    "vi": "Cho `y = (w·x)²`, với `w = {w}` và `x = {x}`. Tính `∂y/∂w`.",
    "en": "Given `y = (w·x)²` with `w = {w}` and `x = {x}`, find `∂y/∂w`.",
}
NAME = {"vi": "Bài 1", "en": "Exercise 1"}


def square(w=0.5, x=3.0):
    return ((Value(w, "w") * Value(x, "x")) ** 2).named("y")


def test_an_exercise_of_ones_own_is_a_function_and_a_statement():
    own = exercise(name=NAME, statement=STATEMENT, asks="∂y/∂w", decimals=3)(square)
    made = own(x=2.0)
    assert made.question == "∂y/∂w"
    assert made.givens == {"w": 0.5, "x": 2.0}
    assert made.answer == made.rounded == 4.0
    assert str(made.statement["vi"]) == "Cho y = (w·x)², với w = 0.5 và x = 2.0. Tính ∂y/∂w.\n"
    assert "$y = (w \\cdot x)^{2}$" in made.statement["en"].to_latex()
    assert "<msup>" in made.statement["en"].to_html()
    assert str(made.explain("en")).startswith("Find ∂y/∂w.")
    assert "Bài\\ 1" in made.draw().source
    assert "Exercise\\ 1" in made.draw("en").source
    assert "y = (w·x)²" in repr(made)
    assert "Kết quả: ∂y/∂w = 4" in repr(made)
    assert "$" in made._repr_markdown_()


def test_the_decimals_of_an_exercise_are_obeyed():
    for decimals, shown in [(0, "≈ 36 "), (1, "≈ 36.2 "), (2, "= 36.18"), (5, "= 36.18")]:
        own = exercise(name=NAME, statement=STATEMENT, asks="∂y/∂w", decimals=decimals)(square)
        made = own(w=2.01, x=3.0)
        assert f"∂y/∂w {shown}" in repr(made).splitlines()[-1] + "\n"
        assert made.rounded == round(36.18, decimals)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Bài 1"}, "no name in 'vi' and 'en'"),
        ({"name": {"vi": "Bài 1"}}, "no name in 'en'"),
        ({"statement": {"vi": STATEMENT["vi"]}}, "no statement in 'en'"),
        ({"statement": {**STATEMENT, "en": "Find `∂y/∂w` for `w = {w}`."}}, "'x' has no place"),
        ({"statement": {**STATEMENT, "en": STATEMENT["en"] + " `{v}`"}}, "{v} is neither"),
        ({"statement": {**STATEMENT, "en": STATEMENT["en"] + " `w x`"}}, "not a formula: 'w x'"),
        ({"asks": "y"}, "asks is a derivative"),
        ({"asks": "∂y/∂v"}, "it asks for ∂y/∂v"),
        ({"asks": "∂L/∂w"}, "no derivative of L is given"),
        ({"decimals": 2.0}, "decimals is a whole number"),
        ({"decimals": -1}, "decimals is a whole number"),
        ({"roles": {"paramter": "w"}}, "no 'paramter'; the names are: input, parameter, target"),
        ({"domains": {"v": [1.0]}}, "domains: there is no 'v'; the names are: w, x"),
        ({"roles": {"input": "x w₁"}}, "the label 'w₁' for the role input; the labels are: "),
    ],
)
def test_what_is_wrong_with_a_definition_is_said_when_it_is_made(change, said):
    with pytest.raises(ValueError, match="exercise square: ") as caught:
        exercise(**{"name": NAME, "statement": STATEMENT, "asks": "∂y/∂w"} | change)(square)
    assert said in str(caught.value)


def test_a_given_needs_a_default():
    with pytest.raises(ValueError, match="'w' has no default"):
        exercise(name=NAME, statement=STATEMENT, asks="∂y/∂w")(lambda w, x=3.0: square(w, x))


def test_exercises_can_be_pickled_and_copied():
    for made in (cau3(y=1), cau4(x=2.0), network()):
        for same in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
            assert same.definition is made.definition
            assert (same.answer, same.givens) == (made.answer, made.givens)
            assert str(same.explain()) == str(made.explain())
            assert same.draw().source == made.draw().source
    error = pickle.loads(pickle.dumps(GivensError("sai", "wrong")))
    assert error.text == {"vi": "sai", "en": "wrong"}


def _variants(definition, number, seed):
    """Yield exercises of the definition's own domains."""
    random = Random(seed)
    made = 0
    while made < number:
        givens = {}
        for name, domain in definition.domains.items():
            if callable(domain):
                needed = inspect.signature(domain).parameters
                domain = domain(**{key: givens[key] for key in needed})
            choices = list(domain)
            if not choices:
                break
            givens[name] = random.choice(choices)
        try:
            yield definition(**givens)
        except GivensError:
            continue
        made += 1


@pytest.mark.parametrize("definition", [cau3, cau4, network], ids=lambda d: d.__name__)
def test_nothing_on_a_page_contradicts_anything_else(definition):
    for made in _variants(definition, size(25, 60), seed=7):
        solution = made.explain()
        exact = Decimal(f"{made.answer:.12g}").quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert made.rounded == float(exact), made.givens
        forms = {}
        for equation in _equations([*made.statement["vi"].blocks, *solution.blocks[:-1]]):
            if isinstance(equation.sides[-1], Number) and equation.signs[0] in "=≈":
                forms.setdefault(repr(equation.sides[0]), set()).add(repr(equation.sides[-1]))
        assert {k: v for k, v in forms.items() if len(v) > 1} == {}, made.givens


def test_the_numbers_of_a_saturated_network_have_one_form(capsys, tmp_path):
    made = network(x=4, w1=5, w2=0.9, w2_prime=-0.3)
    solution = str(made.explain("vi", forward=True))
    main([*"network --x 4 --w1 5 --w2 0.9 --w2-prime -0.3 --out".split(), str(tmp_path)])
    for text in (solution, made.draw("vi").source, capsys.readouterr().out):
        assert "0.99999999996225" in text
        assert set(re.findall(r"3\.77[\d.]*", text)) == {"3.775"}
    assert "∂L/∂h₀ ≈ 0.99999999996225 − 1 = −3.775·10⁻¹¹\n" in solution


@pytest.mark.parametrize("seed", range(60))
def test_reasons_follow_the_decimals_that_are_given(seed):
    """0.1·3 − 0.3 is 0, though not in binary: z₀ is compared with 0 as one does by hand."""
    random = Random(seed)
    x, w1 = random.randint(1, 40) / 10, random.randint(-20, 20) / 10
    b1 = float(-Decimal(str(w1)) * Decimal(str(x))) + random.choice([0, 0, 0.1, -0.1])
    b1 = round(b1, 2)
    z = Decimal(str(w1)) * Decimal(str(x)) + Decimal(str(b1))
    made = network(x=x, w1=w1, b1=b1)
    assert made.nodes["z₀"].data == float(z)
    start = made.nodes["w₁"]
    said = str(explain(made.output, start, using=made.expression.beside, lang="en"))
    assert f"z₀ {'>' if z > 0 else '<'} 0" in said or (z == 0 and "ReLU′(0) = 0" in said)
    if z <= 0:
        assert made.nodes["w₁"].grad == 0
        with pytest.raises(GivensError, match="∂R/∂w₁ = 0"):
            cau4(x=x, w1=w1, b1=b1)


def test_of_plain_values_the_solution_says_that_the_computer_rounds():
    w, x, b = Value(0.1, "w"), Value(3.0, "x"), Value(-0.3, "b")
    z = (w * x + b).named("z")
    assert z.data > 0  # in binary
    said = str(explain(z.relu().named("R"), w, lang="en"))
    assert "z = w·x + b = 0.1·3.0 + (−0.3) = 0" in said
    assert "z > 0" not in said
    assert "∂R/∂z = 1 (the computer rounds numbers, so z ≈ 5.551·10⁻¹⁷ here)" in said


def _equations(blocks):
    """Return all equations of a text."""
    for block in blocks:
        parts = block.parts if isinstance(block, Paragraph) else [e for e, _ in block.equations]
        yield from (part for part in parts if isinstance(part, Equation))


def test_a_number_has_the_form_in_which_it_was_given():
    @exercise(
        name={"vi": "Bài", "en": "Exercise"},
        statement=dict.fromkeys(
            ("vi", "en"), "`y = w·x − t`, `w = {w}`, `x = {x}`, `t = {t}`, `k = {k}`: `∂y/∂w`?"
        ),
        asks="∂y/∂w",
    )
    def line(w=2.0, x=3, t=1.0, k=4):
        return (Value(w, "w") * Value(x, "x") - Constant(t, "t")).named("y")

    made = line()
    assert str(made.statement["vi"]) == "y = w·x − t, w = 2.0, x = 3, t = 1, k = 4: ∂y/∂w?\n"
    assert "x = 3\n" in str(made.explain("vi"))
    assert "giá\\ trị\\ 3|" in made.draw("vi").source
    assert "giá\\ trị\\ 2.0" in made.draw("vi").source
    for x, b1 in ((3, 0), (3.0, 0.0)):
        given = cau4(x=x, b1=b1)
        assert f"x = {x}." in str(given.statement["vi"])
        assert f"b₁ = {b1}." in str(given.statement["en"])
        solution = str(given.explain("vi"))
        assert f"= 0.8·{x} + {b1} = 2.4" in solution
        assert f"−0.3299/{x} ≈" in solution
        assert f'"x\\ =\\ {x}"' in given.draw("vi").source


@pytest.mark.parametrize("y", [0, 1])
def test_an_integer_is_given_in_one_form(y):
    made = neuron(y=y)
    assert str(neuron(y=float(y)).statement) == str(made.statement)
    assert f"y = {y}." in str(made.statement["vi"])
    assert f"y = {y}.0" not in str(made.explain("vi", forward=True))
    assert y == 0 or "− 1)" in str(made.explain("vi"))
    (variant, *_) = (v for v in variants(neuron, 20, seed=1) if v.givens["y"] == y)
    assert f"y = {y}." in str(variant.statement["vi"])
    assert "x = 2.0" in str(neuron().statement["vi"])
