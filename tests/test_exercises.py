"""The exercises: every number of the course's printed solutions, and other givens."""

import math

import mpmath
import pytest

from micrograd_vn import Value, grad
from micrograd_vn.exercises import Exercise, GivensError, cau3, cau4, network


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
    for exercise in (third, fourth):
        assert exercise.answer == pytest.approx(whole.answer, abs=5e-5)
        for label, node in exercise.nodes.items():
            assert node.data == pytest.approx(whole.nodes[label].data, abs=5e-4), label
            if "ŷ" not in label:
                assert node.grad == pytest.approx(whole.nodes[label].grad, abs=5e-4), label


def test_labels_are_those_of_the_exercise():
    assert list(network().nodes) == [
        "x", "w₁", "b₁", "z₀", "R", "w₂", "w₂′", "h₀", "h₁", "ŷ₀", "ŷ₁", "L",
    ]  # fmt: skip
    assert list(cau3().nodes) == ["R", "w₂", "w₂′", "h₀", "h₁", "ŷ₀", "ŷ₁", "L"]
    assert list(cau4().nodes) == ["x", "w₁", "b₁", "z₀", "R"]
    for exercise in (network(), cau3(), cau4()):
        assert isinstance(exercise, Exercise)
        assert all(node.label == label for label, node in exercise.nodes.items())
        assert exercise.output in set(exercise.nodes.values())


def test_statements_and_givens():
    exercise = cau3(w2=0.5, y_hat=(0.9, 0.1))
    assert exercise.givens == {
        "x": 3.0, "w₂": 0.5, "w₂′": -0.4, "ŷ₀": 0.9, "ŷ₁": 0.1, "y": 0,
    }  # fmt: skip
    assert "w₂ = 0.5 và w₂′ = −0.4" in str(exercise.statement["vi"])
    assert "Kết quả Softmax: ŷ₀ = 0.9, ŷ₁ = 0.1" in str(exercise.statement["vi"])
    assert "Softmax outputs: ŷ₀ = 0.9, ŷ₁ = 0.1" in str(exercise.statement["en"])
    assert "∂L/∂w₁ = −0.3299" in str(cau4().statement["vi"])
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
    assert cau3(y_hat=(0.843, 0.1575)).rounded == -0.11


def test_other_givens_of_cau4():
    assert cau4(x=-2.0, w1=-1.0, b1=0.5, dL_dw1=0.4).answer == pytest.approx(-0.2)
    assert cau4(dL_dw1=0.0).answer == 0.0


@pytest.mark.parametrize(
    ("exercise", "givens", "said"),
    [
        (cau3, {"y_hat": (0.9, 0.2)}, "ŷ₀ = 0.9, ŷ₁ = 0.2"),
        (cau3, {"y_hat": (1.0, 0.0)}, "ŷ₁ = 0.0"),
        (cau3, {"y_hat": (1.2, -0.2)}, "ŷ₁ = −0.2"),
        (cau3, {"w2": -0.4}, "w₂ = w₂′ = −0.4"),
        (cau3, {"y_hat": (0.2, 0.8)}, "ReLU"),
        (cau3, {"y": 2}, "y = 2"),
        (cau3, {"x": math.inf}, "x = inf"),
        (cau3, {"y_hat": (math.nan, 0.5)}, "ŷ₀ = nan"),
        (cau4, {"x": 0.0}, "x = 0.0"),
        (cau4, {"w1": -0.8}, "z₀ = −2.4"),
        (cau4, {"y": -1}, "y = −1"),
        (network, {"y": 0.5}, "y = 0.5"),
        (network, {"b1": math.nan}, "b₁ = nan"),
    ],
)
def test_inconsistent_givens_are_refused(exercise, givens, said):
    with pytest.raises(GivensError) as caught:
        exercise(**givens)
    assert isinstance(caught.value, ValueError)
    assert said in str(caught.value) == caught.value.text["en"]
    assert said in caught.value.text["vi"] != caught.value.text["en"]


def test_the_diagram_highlights_the_paths_of_the_chain_rule():
    for exercise, labels in [
        (cau3(), ["R", "h₀", "h₁", "L"]),
        (cau4(), ["w₁", "w₁·x", "z₀", "R"]),
        (network(), ["R", "h₀", "h₁", "L"]),
    ]:
        source = exercise.draw().source
        assert f"{exercise.name}: ∂L/∂R = −0.11".replace(" ", "\\ ") in source
        highlighted = {
            line.split('label="{')[1].split("|{data")[0]
            for line in source.splitlines()
            if "#FFE08A" in line
        }
        assert highlighted == set(labels)


def test_an_exercise_of_ones_own_asks_for_its_own_derivative():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    loss = w * x
    loss.label = "L"
    loss.backward()
    nodes = {"w": w, "x": x, "L": loss}
    own = Exercise("Own", {"vi": "", "en": ""}, {"w": 2.0, "x": 3.0}, nodes, loss, w, w.grad)
    assert own.question == "∂L/∂w"
    assert "∂L/∂w\\ =\\ 3.0" in own.draw().source
    assert str(own.explain("en")).startswith("Find ∂L/∂w.")
