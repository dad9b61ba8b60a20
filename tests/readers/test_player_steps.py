"""Live pages in a real browser: steps, forward and backward, and the boxes of the picture."""

import math

import pytest

from micrograd_vn import Op, Value, cross_entropy, exp, play
from tests.readers.live import LINES, box, live, needs_chromium, sentence, spoken, until

pytestmark = needs_chromium


def test_steps_go_forward_and_then_backward(show):
    page = show(live())
    assert box(page, "w₁") == ["0.8", ""]
    assert box(page, "R") == ["", ""]
    steps = page.evaluate("walk.steps.map(({ kind }) => kind)")
    assert steps == ["forward"] * 8 + ["seed"] + ["backward"] * 6
    page.keyboard.press("ArrowRight")
    assert box(page, "w₁·x") == ["2.4", ""]
    assert spoken(page) == (
        "Bước 1 trên 15; Lan truyền tiến; w 1 nhân x bằng 0.8 nhân 3.0 bằng 2.4"
    )
    page.keyboard.press("End")
    assert box(page, "R") == ["2.4", "−0.11"]
    assert box(page, "ŷ₀") == ["0.8429"]


def test_sentences_are_those_of_the_chain_rule_with_the_sum_so_far(show):
    page = show(live("cau3"))
    said = []
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("PageDown")
        said.append(sentence(page))
    assert said[0] == "Lan truyền tiến; h₀ = w₂·R ≈ 0.3·2.4 = 0.72"
    assert said[3].endswith(
        "ŷ₁ = exp(h₁)/(exp(h₀) + exp(h₁)) ≈ exp(−0.96)/(exp(0.72) + exp(−0.96)) ≈ 0.1571"
    )
    assert said[4].endswith(
        "L = −(y₀·ln(ŷ₀) + y₁·ln(ŷ₁)) = −(1·ln(0.8429) + 0·ln(0.1571)) ≈ 0.1709"
    )
    assert said[5] == "Lan truyền ngược bắt đầu từ đầu ra; ∂L/∂L = 1"
    assert said[6].endswith("∂L/∂h₀ = ŷ₀ − y₀ = −0.1571; ∂L/∂h₁ = ŷ₁ − y₁ = 0.1571")
    assert "∂L/∂R += ∂L/∂h₁·∂h₁/∂R = 0.1571·(−0.4) = −0.06284; ∂h₁/∂R = w₂′ = −0.4" in said[7]
    assert (
        "∂L/∂R += ∂L/∂h₀·∂h₀/∂R = (−0.1571)·0.3 = −0.04713; ∂h₀/∂R = w₂ = 0.3; "
        "∂L/∂R = −0.06284 + (−0.04713) ≈ −0.11 (tổng theo các đường đi đã xét)"
    ) in said[8]
    visible = " ".join(page.evaluate(LINES))
    assert "−0.04713" in visible


def test_every_button_and_key_goes_where_it_says(show):
    page = show(live())
    last = page.evaluate("walk.steps.length")
    moves = [
        ("#next", 1), ("#next", 2), ("#back", 1), ("#last", last), ("#first", 0),
        ("ArrowRight", 1), ("PageDown", 2), ("PageUp", 1), ("ArrowLeft", 0), ("ArrowLeft", 0),
        ("End", last), ("ArrowRight", last), ("Home", 0),
    ]  # fmt: skip
    for what, step in moves:
        page.click(what) if what.startswith("#") else page.keyboard.press(what)
        page.evaluate("document.activeElement.blur()")
        assert page.evaluate("state.step") == step
        assert page.text_content("#count") == f"{step} / {last}"
    page.fill("#bar", "7")
    assert page.evaluate("state.step") == 7
    now = "[state.step, byId('speed').value, byId('x1s').value]"
    for what in ("#bar", "#speed", "#x1s", "#x1c", "#play"):  # where a clicker may find the focus
        page.focus(what)
        page.keyboard.press("PageDown")
        assert page.evaluate(now) == [8, "1", "0.8"]
        page.keyboard.press("PageUp")
        assert page.evaluate(now) == [7, "1", "0.8"]
    page.focus("#rate")
    page.keyboard.press("PageDown")
    assert page.evaluate("state.step") == 7
    assert page.is_disabled("#first") is False
    page.click("#first")
    assert page.is_disabled("#first")
    assert page.is_disabled("#back")


def test_playing_goes_to_the_end_at_a_speed_and_stops(show):
    page = show(live("cau3"))
    page.select_option("#speed", "4")
    page.evaluate("window.began = performance.now()")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    until(page, "state.step === 2")
    assert page.evaluate("performance.now() - window.began") > 400  # one step takes 0.4 s
    assert spoken(page) == "Bước 2 trên 9"  # speech is slower
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-pressed") == "false"
    assert spoken(page).endswith(page.evaluate("heard", sentence(page)))
    stopped = page.evaluate("state.step")
    page.wait_for_timeout(450)
    assert page.evaluate("state.step") == stopped
    page.evaluate("byId('speed').selectedOptions[0].value = '40'")
    page.click("#play")
    names = "['aria-label', 'title'].map((name) => byId('play').getAttribute(name))"
    assert page.evaluate(names) == ["Tự chạy", "Tự chạy"]  # true of both, pressed or not
    assert page.get_attribute("#play", "aria-pressed") == "true"
    until(page, "state.step === walk.steps.length && !state.playing")
    assert spoken(page).startswith("Bước 9 trên 9; Lan truyền ngược; ")


def test_what_is_at_work_stands_out(show):
    page = show(live("cau3"))
    page.keyboard.press("ArrowRight")
    assert page.locator("#picture .op.working").count() == 1
    assert page.locator("#picture .edge.working").count() == 3
    assert page.locator("#picture .box.working").count() == 2
    assert page.locator("#picture .box.found").count() == 1
    names = """(what) => [...picture.svg.querySelectorAll(what)]
      .map((g) => nameOf(Number(g.getAttribute("data-box"))).text)"""
    page.evaluate("go(3)")  # ŷ₀, out of the block of softmax and cross-entropy
    assert page.locator("#picture .op.working").text_content() == "softmax +cross-entropy"
    assert page.evaluate(names, ".box.found") == ["ŷ₀"]
    assert page.evaluate(names, ".box.working") == ["h₀", "h₁"]
    assert page.locator("#picture .edge.working").count() == 3
    page.evaluate("go(7)")  # back through it
    assert page.evaluate(names, ".box.found") == ["h₀", "h₁"]
    assert page.evaluate(names, ".box.working") == ["L"]
    notes = page.locator("#picture .edge.working text").all_text_contents()
    assert notes == ["ŷ₀ − y₀ = −0.1571", "ŷ₁ − y₁ = 0.1571"]


def test_the_picture_shows_the_path_and_what_is_omitted(show):
    page = show(live("cau3"))
    names = (
        "(what) => [...picture.svg.querySelectorAll(what)].map((g) => g.getAttribute('data-box')"
    )
    marked = page.evaluate(f"({names}).map((i) => nameOf(Number(i)).text))('.box.path')")
    assert marked == ["R", "h₀", "h₁", "L"]
    edges = (
        "[...picture.svg.querySelectorAll('.edge.path')].map((g) => g.getAttribute('data-edge'))"
    )
    i = {n: page.evaluate("(n) => NODES.findIndex((_, i) => nameOf(i).text === n)", n) for n in (
        "x", "R", "h₀", "h₁", "L")}  # fmt: skip
    assert set(page.evaluate(edges)) == {
        f"{i['h₀']},1", f"{i['h₀']},out", f"{i['h₁']},1", f"{i['h₁']},out",
        f"{i['L']},0", f"{i['L']},1", f"{i['L']},out",
    }  # fmt: skip
    dots = "getComputedStyle(picture.svg.querySelector('.omitted path')).strokeDasharray"
    assert page.evaluate(dots) != "none"
    page.keyboard.press("End")
    assert box(page, "x") == ["3.0", "–"]
    assert page.locator(f"#x{i['x']}").count() == 0  # nothing follows from it
    assert page.locator(f"#x{i['R']}").count() == 1


def test_a_box_shows_its_chain_rule_and_the_finite_difference(show):
    page = show(live("cau3"))
    page.evaluate("document.querySelector('aside').scrollTo(0, 999)")
    page.click('[data-box="1"]')  # R
    seen, frame = (page.locator(what).bounding_box() for what in ("#chosen", "aside"))
    assert frame["y"] < seen["y"] < frame["y"] + frame["height"]
    chain = page.text_content("#chain")
    assert "∂L∂h1·∂h1∂R+∂L∂h0·∂h0∂R" in chain
    assert chain.endswith("=0.1571·(−0.4)+(−0.1571)·0.3≈−0.11")
    assert page.text_content("#difference").endswith("≈−0.11")
    page.keyboard.press("Escape")
    assert not page.is_visible("#details")
    page.focus('[data-box="1"]')
    page.keyboard.press("Enter")
    assert page.is_visible("#details")
    page.click("#close")
    assert not page.is_visible("#details")


def test_the_finite_difference_agrees_with_the_derivative_of_every_value(show):
    page = show(live())
    differences = page.evaluate(
        "NODES.map((n, i) => { if (n.constant || !DIFFERENTIATED.has(i) || i === ROOT) return 0;"
        "const { h, above, below } = moved(state.d, i);"
        "return (above - below) / 2 / h - state.g[i] })"
    )
    assert max(map(abs, differences)) < 1e-6


def test_cau4_goes_back_from_what_is_given(show):
    page = show(live("cau4"))
    page.keyboard.press("End")
    assert box(page, "w₁") == ["0.8", "−0.3299"]
    assert page.evaluate("seedLines().map(spoken)") == ["∂L/∂R ≈ −0.11 (đã biết từ trước)"]


def odd(forward, slope):
    return Op("odd", forward, lambda out, x: (slope(x),))


SMALL = [
    lambda: Value(1.0, "x"),
    lambda: Value(2.0) * 3,
    lambda: cross_entropy([Value(0.0), Value(1.0)], 1),
    lambda: odd(lambda x: float(math.floor(x)), lambda x: math.inf * math.floor(x))(Value(2.5)),
    lambda: odd(lambda x: float(math.floor(x)), lambda x: 1 / math.floor(0.5))(Value(2.5)),
    lambda: (Value(1.0, "x") * 2).named("x"),
    lambda: Value(0.0, "x") * 1e300 * 1e-300,
    lambda: exp(Value(-700.0, "x")),
]


@pytest.mark.parametrize("make", SMALL)
def test_any_graph_can_be_stepped_through(show, make):
    page = show(play(make()))
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("ArrowRight")
        assert page.evaluate(LINES)
    page.locator("svg:not([hidden]) .box").first.click()
    page.click("#ask")
    page.click("#language")
