"""What a live page says of a step and of a box, where what one would say first is not true."""

import pytest

from micrograd_vn import Value, log, maximum, minimum, play, relu, softmax, sqrt
from tests.readers.live import needs_chromium

pytestmark = needs_chromium


ASKED = "quiz.all.map((asked) => [answer(asked, state), spoken(hint(asked, state))])"


class Said:
    """What the page of an expression says, in one of its pictures."""

    def __init__(self, show, output, folded):
        self.page = show(play(output.named("y"), lang="en"), f"#folded={int(folded)}")

    def set(self, name, x):
        """Change an input."""
        node = f"NODES.findIndex((_, i) => nameOf(i).text === '{name}')"
        self.page.evaluate(f"change({node}, {x})")

    def steps(self):
        """Return all lines of all steps."""
        return self.page.evaluate(
            """walk.steps.flatMap((step, i) => {
              go(i + 1);
              return linesOf(known(), step).map(spoken);
            })"""
        )

    def box(self, name):
        """Return the chain rule of a value."""
        node = f"NODES.findIndex((_, i) => nameOf(i).text === '{name}')"
        return self.page.evaluate(f"chainLines({node}, state.g, state.slopes).map(spoken)")


def test_of_an_operand_that_stands_twice_no_derivative_is_said_of_one_place(show):
    x = Value(3.0, "x")
    said = Said(show, x * x, folded=False)
    assert [line.split(" (")[0] for line in said.steps()[-3:]] == [
        "∂y/∂x += 3.0", "∂y/∂x += 3.0", "∂y/∂x = 3 + 3 = 6"
    ]  # fmt: skip
    assert said.box("x") == ["∂y/∂x = 3.0 + 3.0 = 6"]
    said = Said(show, (x * x).tanh(), folded=False)
    assert said.box("x")[0] == "∂y/∂x = ∂y/∂(x·x)·∂(x·x)/∂x"


def test_a_question_is_about_all_places_of_an_operand(show):
    x = Value(3.0, "x")
    page = Said(show, x * x, folded=False).page
    page.click("#ask")
    asked = page.evaluate(ASKED)
    assert asked == [[9, "y = x·x"], [6, "y = x·x"]]
    page = Said(show, (x * x).named("u") * x, folded=False).page
    page.click("#ask")
    asked = page.evaluate(ASKED)
    assert asked[2:] == [
        [3, "∂y/∂u = x"], [9, "∂y/∂x|u = u"], [18, "∂y/∂u·∂u/∂x, \xa0u = x·x"],
        [27, "∂y/∂x = ∂y/∂x|u + ∂y/∂u·∂u/∂x"],
    ]  # fmt: skip


def test_a_bar_says_what_is_held_constant(show):
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    s = (a * b).named("s")
    said = Said(show, s * s + s * a + s, folded=True)
    steps = said.steps()
    assert "∂y/∂a += s = −6 (with s held constant)" in steps
    assert "∂y/∂a += ∂y/∂s·∂s/∂a = (−9)·(−3.0) = 27" in steps
    assert said.box("a") == ["∂y/∂a = ∂y/∂a|s + ∂y/∂s·∂s/∂a", " = −6 + (−9)·(−3.0) = 21"]
    assert said.box("s") == ["∂y/∂s = 2·s + a + 1", " = −9"]
    said = Said(show, s * s + s * a + s, folded=False)
    assert "∂(s·a)/∂a|s = s = −6 (with s held constant)" in said.steps()


@pytest.mark.parametrize("folded", [False, True])
def test_at_a_tie_the_convention_is_said(show, folded):
    a, b, c = Value(2.0, "a"), Value(2.0, "b"), Value(0.0, "c")
    said = Said(show, maximum(a, b) + abs(c) + relu(c) + minimum(a, 5.0), folded)
    text = "; ".join(said.steps())
    assert "by convention, where a = b, the derivative of max(a, b) is shared" in text
    assert "by convention, the derivative of |c| at c = 0 is 0" in text
    assert "by convention ReLU′(0) = 0" in text
    assert "as a < 5" in text
    assert text.count("by convention, where a = b") == 2  # by a and by b
    said.set("a", 7)
    text = "; ".join(said.steps())
    assert "as a > b" in text or "as b < a" in text
    assert "where a = b" not in text


@pytest.mark.parametrize("folded", [False, True])
def test_what_cannot_be_computed_is_said_with_its_numbers(show, folded):
    x, z = Value(3.0, "x"), Value(1.0, "z")
    said = Said(show, log(x - z) + 1 / z + sqrt(x), folded)
    said.set("x", 0.25)
    steps = said.steps()
    assert any(line.endswith("(ln(−0.75) can't be computed)") for line in steps)
    assert said.page.text_content("#alarm") == "ln(−0.75) can't be computed"
    assert "nan" not in "; ".join([*steps, *said.box("x")])
    numbers = said.page.locator("svg:not([hidden]) text").all_text_contents()
    assert not any("nan" in text for text in numbers)
    assert "∂y/∂x = –" in [text.replace("\xa0", " ") for text in numbers]


def test_softmax_is_called_by_its_results_and_by_its_name_where_it_is_long(show):
    h = [Value(0.1 * k, "h" + "₀₁₂₃₄₅₆₇₈"[k]) for k in range(9)]
    p = softmax(h[:3])
    steps = Said(show, p[0].named("p") * log(p[1].named("q")), folded=False).steps()
    assert "∂p/∂h₁ = −p·q ≈ −0.09987" in steps
    assert "∂q/∂h₁ = q·(1 − q) ≈ 0.2219" in steps
    said = Said(show, softmax(h)[0].named("p") * 2, folded=False)
    assert said.steps()[0] == "p = softmax(h)₀ ≈ 0.07205"


def test_a_convention_is_said_once_where_the_output_is_no_loss(show):
    page = show(play(relu(Value(0.0, "x")).named("y"), gradient=0.5, loss="L", lang="en"), "")
    steps = page.evaluate("walk.steps.flatMap((step) => linesOf(known(), step).map(spoken))")
    assert "; ".join(steps).count("ReLU′(0) = 0") == 1
