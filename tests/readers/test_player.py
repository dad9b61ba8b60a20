"""Live pages in a real browser: what they show, what their controls do, and what they keep out."""

import html
import json
import math
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from micrograd_vn import Op, Value, cross_entropy, exp, log, play, relu
from micrograd_vn.exercises import cau3, cau4, exercise, network
from micrograd_vn.formulas.text import number
from tests.readers.live import browser, needs_chromium, opened, until

pytestmark = needs_chromium
LINES = "[...document.querySelectorAll('#lines .line')].map(e => e.textContent)"
SPOKEN = "document.getElementById('announcement').textContent"


@pytest.fixture(scope="module")
def chromium():
    with browser() as found:
        yield found


@pytest.fixture
def show(chromium, tmp_path):
    """Open a live page; at the end of the test nothing may have gone wrong in it."""
    contexts = []

    def show(live, fragment="", **options):
        live.save(tmp_path / "page.html")
        context = opened(chromium, (tmp_path / "page.html").as_uri() + fragment, **options)
        contexts.append(context)
        return context.__enter__()

    yield show
    for context in contexts:
        context.__exit__(None, None, None)


def live(exercise=None, lang="vi"):
    return (exercise or network()).play(lang)


def box(page, name):
    """Return the numbers in the box of a value: its own and its derivative's."""
    i = page.evaluate("(name) => NODES.findIndex((_, i) => nameOf(i).text === name)", name)
    texts = page.locator(f'svg:not([hidden]) [data-box="{i}"] text').all_text_contents()
    value, gradient = (text.replace("\xa0", " ") for text in texts[-2:])
    return [
        value.removeprefix("giá trị").strip(),
        gradient.replace("≈", "=").rpartition("=")[2].strip(),
    ]


def spoken(page):
    return page.evaluate(SPOKEN)


# Steps


def test_steps_go_forward_and_then_backward(show):
    page = show(live())
    assert box(page, "w₁") == ["0.8", ""]
    assert box(page, "R") == ["", ""]
    steps = page.evaluate("walk.steps.map(({ kind }) => kind)")
    assert steps == ["forward"] * 8 + ["seed"] + ["backward"] * 6
    page.keyboard.press("ArrowRight")
    assert box(page, "w₁·x") == ["2.4", ""]
    assert spoken(page) == "Lan truyền tiến w₁·x = 0.8·3.0 = 2.4"
    page.keyboard.press("End")
    assert box(page, "R") == ["2.4", "−0.11"]
    assert box(page, "ŷ₀") == ["0.8429", "–"]


def test_sentences_are_those_of_the_chain_rule_with_the_sum_so_far(show):
    page = show(live(cau3()))
    said = []
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("PageDown")
        said.append(spoken(page))
    assert said[0] == "Lan truyền tiến h₀ = w₂·R = 0.3·2.4 = 0.72"
    assert said[2].endswith("L = CE(h₀, h₁, y₀, y₁) = CE(0.72, −0.96, 1, 0) = 0.1709")
    assert said[5] == "Lan truyền ngược bắt đầu từ đầu ra ∂L/∂L = 1"
    assert "∂L/∂h₀ = exp(h₀)/(exp(h₀) + exp(h₁)) − y₀ = −0.1571" in said[6]
    assert "∂L/∂R = ∂L/∂h₁·∂h₁/∂R = 0.1571·(−0.4) = −0.06284; ∂h₁/∂R = w₂′ = −0.4" in said[7]
    assert (
        "∂L/∂R += ∂L/∂h₀·∂h₀/∂R = (−0.1571)·0.3 = −0.04713; ∂h₀/∂R = w₂ = 0.3; "
        "∂L/∂R = −0.06284 + (−0.04713) = −0.11 (cộng dồn các đường đi đến nay)"
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
    assert page.is_disabled("#first") is False
    page.click("#first")
    assert page.is_disabled("#first")
    assert page.is_disabled("#back")


def test_playing_goes_to_the_end_at_a_speed_and_stops(show):
    page = show(live(cau3()))
    page.select_option("#speed", "4")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    until(page, "state.step === 2")
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-label") == "Phát"
    stopped = page.evaluate("state.step")
    page.wait_for_timeout(600)
    assert page.evaluate("state.step") == stopped
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Dừng"
    until(page, "state.step === walk.steps.length && !state.playing")


def test_what_is_at_work_stands_out(show):
    page = show(live(cau3()))
    page.keyboard.press("ArrowRight")
    assert page.locator("#picture .op.working").count() == 1
    assert page.locator("#picture .edge.working").count() == 3
    assert page.locator("#picture .box.working").count() == 2
    assert page.locator("#picture .box.found").count() == 1


# Inputs


def test_everything_follows_an_input(show):
    page = show(live())
    page.keyboard.press("End")
    page.fill("#x1", "-0,8")  # w₁, with a decimal comma
    page.press("#x1", "Enter")
    assert box(page, "w₁") == ["−0.8", "0"]
    assert box(page, "R") == ["0", "−0.35"]
    assert box(page, "ŷ₀") == ["0.5", "–"]
    assert "vì z₀ ≤ 0" in json.dumps(page.evaluate("backwardLines(6, known())"), ensure_ascii=False)
    assert page.is_visible("#written-for")
    page.click("#reset")
    assert box(page, "R") == ["2.4", "−0.11"]
    assert not page.is_visible("#written-for")
    page.focus("#x1s")
    page.keyboard.press("ArrowRight")  # the slider's, not the page's
    assert box(page, "w₁")[0] == "0.81"
    assert page.evaluate("state.step === walk.steps.length")
    page.fill("#x1", "chữ")
    page.press("#x1", "Enter")
    assert page.get_attribute("#x1", "aria-invalid") == "true"
    assert box(page, "w₁")[0] == "0.81"


def test_formulas_whose_numbers_change_in_place_look_as_if_written_anew(show):
    page = show(live())
    ids = "#lines, #value, #chain, #difference"
    looks = f"[...document.querySelectorAll('{ids}')].map((e) => e.innerHTML)"
    page.evaluate("select(walk.part(ROOT).parents[0])")
    for step in range(page.evaluate("walk.steps.length") + 1):
        page.evaluate(f"go({step})")
        before = page.evaluate(looks)
        for x in (-0.8, 0.123456, 1e-9, 2e12, 0.0):
            page.evaluate(f"change(GRAPH.leaves[0].node, {x})")
            in_place = page.evaluate(looks)
            page.evaluate("WRITTEN.clear(); render()")
            assert in_place == page.evaluate(looks)
        page.evaluate("reset()")
        assert page.evaluate(looks) == before


SHOWN_ANEW = """(x) => {
  const [plain, asked] = [shown, []];
  window.shown = (number, digits) => { asked.push(number); return plain(number, digits); };
  state.d[GRAPH.leaves[0].node] = x;
  recompute();
  writeNumbers(known());
  window.shown = plain;
  return asked.length;
}"""


def test_boxes_whose_numbers_stay_are_not_written_again(show):
    page = show(live())
    page.evaluate("go(walk.steps.length)")
    assert page.evaluate(SHOWN_ANEW, 0.5) > 0
    assert page.evaluate(SHOWN_ANEW, 0.5) == 0


def test_decimal_numbers_that_cancel_are_zero_as_in_the_solution(show):
    said = "`y = ReLU(w·x − b) + 2·w`, `w = {w}`, `x = {x}`, `b = {b}`: `∂y/∂w`?"

    @exercise(
        name={"vi": "z = 0", "en": "z = 0"}, statement={"vi": said, "en": said}, asks="∂y/∂w",
        domains={"w": [0.1], "x": [3.0], "b": [0.3]},
    )  # fmt: skip
    def kink(w=0.1, x=3.0, b=0.3):
        w = Value(w, "w")
        z = (w * Value(x, "x") - Value(b, "b")).named("z")
        return (relu(z).named("h") + 2.0 * w).named("y")

    page = show(live(kink()))
    page.evaluate("go(walk.steps.length)")
    assert [box(page, name) for name in "zw"] == [["0", "0"], ["0.1", "2"]]
    assert kink().answer == 2.0
    index = "NODES.findIndex((_, i) => nameOf(i).text === '{}')"
    page.evaluate(f"change({index.format('w')}, 0.2)")
    page.evaluate(f"change({index.format('b')}, 0.6)")
    assert [box(page, name) for name in "zw"] == [["0", "0"], ["0.2", "2"]]
    # Of a graph that is no exercise, all is as the package computes it.
    w = Value(0.1, "w")
    page = show(play(((w * 3.0 - 0.3).named("z") + w).named("y")), "#step=99")
    page.evaluate("go(walk.steps.length)")
    assert box(page, "z")[0] == "5.551·10⁻¹⁷"


def test_a_link_restores_numbers_step_and_language(show):
    page = show(live())
    page.fill("#x1", "0.123456789")
    page.press("#x1", "Enter")
    page.fill("#bar", "3")
    page.click("#language")
    until(page, "location.hash.includes('lang=en')")
    page.reload()
    assert page.evaluate("[state.d[1], state.step, reader.language]") == [0.123456789, 3, "en"]
    page.evaluate("location.hash = '#v1=2&step=1&lang=vi'")
    until(page, "state.step === 1")
    assert page.evaluate("[state.d[1], reader.language]") == [2, "vi"]


def test_the_link_is_copied(show):
    page = show(live())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.fill("#x1", "0,25")
    page.press("#x1", "Enter")
    page.click("#copy")
    until(page, "document.getElementById('copied').textContent")
    assert page.text_content("#copied") == "Đã chép liên kết giữ các số này."
    link = page.input_value("#link")
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.goto("about:blank")
    page.goto(link)
    assert page.evaluate("state.d[1]") == 0.25


def test_a_link_that_may_not_be_copied_is_shown(show):
    page = show(live())
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); }"
    )
    page.click("#copy")
    until(page, "document.getElementById('copied').textContent.startsWith('Hãy chép')")
    selected = (
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))"
    )
    assert (
        page.evaluate(f"{selected}(document.getElementById('link'))")
        == page.url.split("#")[0] + "#lang=vi"
    )


def test_a_saved_page_begins_with_its_numbers(show, chromium, tmp_path):
    page = show(live(cau3()), viewport={"width": 1280, "height": 720})
    i = page.evaluate("GRAPH.leaves[0].node")
    page.fill(f"#x{i}", "0.123456789")
    page.press(f"#x{i}", "Enter")
    page.click("#next")
    page.click("#language")
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "Câu 3.html"
    download.value.save_as(tmp_path / "saved.html")
    for name in ("saved.html", "again.html"):  # what is saved can be saved again
        with opened(chromium, (tmp_path / name).as_uri()) as saved:
            now = saved.evaluate("[state.d[GRAPH.leaves[0].node], state.step, reader.language]")
            assert now == [0.123456789, 1, "en"]
            assert saved.evaluate("ORIGINAL[GRAPH.leaves[0].node]") == 0.3
            with saved.expect_download() as download:
                saved.click("#save")
            download.value.save_as(tmp_path / "again.html")


def test_gradient_descent_lowers_the_loss_by_the_chosen_inputs(show):
    page = show(live())
    page.check("#x1c")
    before = page.evaluate("[...state.d]")
    slope = page.evaluate("state.g[1]")
    page.fill("#rate", "0,5")
    page.click("#descend")
    after = page.evaluate("[...state.d]")
    assert after[1] == before[1] - 0.5 * slope
    assert after[2] == before[2]
    root = page.evaluate("ROOT")
    assert after[root] < before[root]
    assert page.text_content("#fall").startswith("L: 0.1709 → ")
    page.uncheck("#x1c")
    for _ in range(3):
        page.click("#descend")
    assert page.evaluate("state.d[ROOT]") < after[root]
    assert page.locator("#curve").get_attribute("points").count(",") == 5


def test_a_slider_goes_where_the_operations_allow(show):
    x, y = Value(2.0, "x"), Value(3.0, "y")
    page = show(play((log(x) * y).named("L")))
    assert float(page.get_attribute("#x0s", "min")) > 0
    assert float(page.get_attribute("#x2s", "min")) == -6
    page.fill("#x0", "-1")
    page.press("#x0", "Enter")
    assert page.text_content("#alarm") == "ln(x): phép toán ln không xác định tại đây: cần x > 0"


# Boxes


def test_the_picture_shows_the_path_and_what_is_omitted(show):
    page = show(live(cau3()))
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
    page = show(live(cau3()))
    page.click('[data-box="1"]')  # R
    chain = page.text_content("#chain")
    assert "∂L∂h1·∂h1∂R+∂L∂h0·∂h0∂R" in chain
    assert chain.endswith("=0.1571·(−0.4)+(−0.1571)·0.3=−0.11")
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


# Questions


def test_questions_are_judged_and_follow_from_a_wrong_number(show):
    page = show(live(cau3()))
    page.click("#ask")
    assert page.text_content("#question") == "Tính h0"
    assert box(page, "h₀") == ["", ""]

    def answer(text):
        page.fill("#answer", text)
        page.press("#answer", "Enter")
        return page.text_content("#verdict")

    assert answer("không") == "Hãy nhập một số, ví dụ 0,25."
    assert answer("0,72") == "Đúng!"
    assert box(page, "h₀") == ["0.72", ""]
    assert answer("0.96") == "Chưa đúng, em thử lại nhé."
    page.click("#hinted summary")
    assert "·" in page.text_content("#hint")
    page.click("#skip")
    assert page.text_content("#verdict") == "h₁ = −0.96"
    loss = math.log(math.exp(0.72) + math.exp(0.96)) - 0.72
    assert answer(f"{loss:.3f}") == "Đúng theo số em tìm được trước đó!"
    assert answer("0.8") == "Đúng hướng: hãy viết thêm chữ số."
    assert answer("0.843") == "Đúng!"
    assert page.text_content("#score") == "Đúng 3, sai 1, còn 7 câu."
    while page.evaluate("question() !== undefined"):
        answer(page.evaluate("shown(answer(question(), state))"))
    assert page.text_content("#question") == "Hết câu hỏi: trả lời đúng 10 trên 11."
    page.click("#ask")
    assert not page.is_visible("#quiz")
    assert page.evaluate("state.step") == 0


def test_a_seed_gives_a_class_the_same_numbers(show):
    given = []
    for _ in range(2):
        page = show(live())
        page.click(".more summary")
        page.fill("#seed", "2024")
        page.click("#ask")
        given.append(page.evaluate("[...state.d]"))
    assert given[0] == given[1]
    assert given[0] != page.evaluate("ORIGINAL")


# Looks


def test_the_picture_is_scaled_and_moved(show):
    page = show(live(), viewport={"width": 1000, "height": 800})
    frame = (
        "(([x, y, w]) => ({ x, y, w }))(picture.svg.getAttribute('viewBox').split(' ').map(Number))"
    )
    page.click("#fit")
    whole = page.evaluate(frame)
    page.click("#larger")
    page.click("#larger")
    larger = page.evaluate(frame)
    assert larger["w"] < whole["w"] / 1.5
    middle = page.locator("#picture").bounding_box()
    x, y = middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    assert page.evaluate(frame)["x"] < larger["x"] - 20
    assert page.evaluate("state.selected") == -1  # it was no click
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    until(page, f"{frame}.w < {larger['w']}")
    page.click("#smaller")
    page.click("#fit")
    assert page.evaluate(frame)["w"] == pytest.approx(whole["w"])


def test_text_is_large_enough_to_be_read_unless_all_is_wanted(show):
    page = show(live(), viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    text = "picture.svg.getScreenCTM().a * 16"
    seen = """(() => {
      const frame = picture.svg.getBoundingClientRect();
      return walk.part(FORWARD[0]).parents.every((i) => {
        const box = picture.boxes.get(`${i}`).getBoundingClientRect();
        return frame.left <= box.left && box.right <= frame.right;
      });
    })()"""
    for step in ("0", "walk.steps.length"):
        page.evaluate(f"go({step})")
        assert page.evaluate(text) > 8.9  # of whole pixels
    page.evaluate("go(0)")
    until(page, seen)
    page.click("#fit")
    assert page.evaluate(text) < 9


def test_a_picture_whose_values_all_have_names_is_not_folded(show):
    assert show(live(cau3())).is_hidden("#fold")
    page = show(live(network()))
    folded = "[...picture.svg.querySelectorAll('.box')].filter((b) => b.checkVisibility()).length"
    page.click("#fold")
    fewer = page.evaluate(folded)
    page.click("#fold")
    assert fewer < page.evaluate(folded)


def test_two_fingers_scale_the_picture(show):
    page = show(live(), viewport={"width": 390, "height": 844}, has_touch=True)
    screen = page.context.new_cdp_session(page)
    frame = page.locator("#picture").bounding_box()
    y = frame["y"] + frame["height"] / 2

    def touch(kind, *xs):
        points = [{"x": x, "y": y, "id": i} for i, x in enumerate(xs)]
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = page.evaluate("view.scale")
    touch("touchStart", 170)
    touch("touchStart", 170, 210)
    for by in range(10, 60, 10):
        touch("touchMove", 170 - by, 210 + by)
    touch("touchEnd")
    assert page.evaluate("view.scale") > 2 * before
    assert page.evaluate("visualViewport.scale") == 1  # the page stays as it is
    x = page.evaluate("view.x")
    touch("touchStart", 250)
    for by in range(20, 120, 20):
        touch("touchMove", 250 - by)
    touch("touchEnd")
    assert page.evaluate("view.x") > x + 20
    assert page.evaluate("state.selected") == -1
    page.wait_for_timeout(500)  # a tap right after a swipe ends its momentum, no more
    page.tap("#fit")
    seen = page.evaluate("picture.boxes.get('1').getBoundingClientRect().toJSON()")
    page.touchscreen.tap(seen["x"] + seen["width"] / 2, seen["y"] + seen["height"] / 2)
    until(page, "state.selected === 1")


def test_both_languages_and_both_looks(show):
    page = show(live(lang="en"), color_scheme="light")
    assert page.get_attribute("html", "lang") == "en"
    assert "Find" in page.inner_text("#solution")
    assert "Tính" not in page.inner_text("#solution")
    page.keyboard.press("ArrowRight")
    assert page.text_content("#phase") == "Forward pass"
    page.click("#language")
    assert page.text_content("#phase") == "Lan truyền tiến"
    assert "Tính" in page.inner_text("#solution")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.click("#theme")
    assert page.evaluate(paper) != light
    page.click("#theme")
    assert page.evaluate(paper) == light


def test_a_hall_can_read_it(show):
    page = show(live(), viewport={"width": 1280, "height": 720})
    page.click("#present")
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("PageDown")
        page.wait_for_timeout(20)
    page.keyboard.press("ArrowLeft")
    texts = (
        "[...picture.svg.querySelectorAll('text')].map((t) => t.textContent && getComputedStyle(t))"
    )
    smallest = page.evaluate(
        f"Math.min(...{texts}.filter(Boolean).map((s) => parseFloat(s.fontSize)))"
    )
    assert page.evaluate("picture.svg.getScreenCTM().a") * smallest >= 24
    sizes = page.evaluate(
        "[...document.querySelectorAll('#phase, #lines .line, #count')]"
        ".map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 24
    page.keyboard.press("Escape")
    until(page, "!state.presenting")
    assert page.is_visible("aside")


@pytest.mark.parametrize("width", [390, 768, 1280, 3840])
def test_nothing_is_wider_than_the_window(show, width):
    page = show(live(), viewport={"width": width, "height": 844})
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_figure_is_printed_for_each_chosen_step(show):
    page = show(live(cau3()))
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) == 1
    page.click(".more summary")
    page.fill("#steps", "1-3, 7")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) == 4
    assert page.evaluate("state.step") == 0


def test_motion_stops_where_it_is_unwanted(show):
    page = show(live(), viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(50)
    at = page.evaluate("view.x")
    page.wait_for_timeout(200)
    assert page.evaluate("view.x") == at


# For everyone


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing(show, look):
    page = show(live(), color_scheme=look)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.click('[data-box="5"]')
    page.click(".more summary")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found] == []
    page.click("#ask")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found] == []


# What comes in


HOSTILE = [
    "</script><script>document.title='evil'</script>",
    "<img src=x onerror=\"document.title='evil'\">",
    '"\'&<>\\', "😀 ŷ₀", "نص عربي", "a\nb\tc", "${1+1} {{x}}", "]]>",
    "\u2028\ue000\x00", "__proto__",
]  # fmt: skip


def test_labels_are_text(show):
    xs = [Value(0.5 + i, label) for i, label in enumerate(HOSTILE)]
    total = xs[0]
    for x in xs[1:]:
        total = total + x
    page = show(
        play(exp(total * 0.01).named("</title><b>L</b>"), title="</title><script>x</script>")
    )
    page.keyboard.press("End")
    assert page.title() == "</title><script>x</script>"
    assert page.locator("img").count() == 0
    assert page.text_content("h1") == "</title><script>x</script>"
    names = page.evaluate("GRAPH.leaves.map(({ node }) => nameOf(node).text)")
    assert names[:2] == HOSTILE[:2]
    assert len(page.evaluate(LINES)) > 0


def test_nothing_from_outside_runs_or_loads(show):
    page = show(live())
    policy = page.get_attribute("meta[http-equiv]", "content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy


def test_eval_and_foreign_scripts_are_blocked(chromium, tmp_path):
    live().save(tmp_path / "page.html")
    page = chromium.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.evil = 1';"
        "document.body.append(s); }"
    )
    assert page.evaluate("window.evil") is None
    fetched = "(async () => { try { await fetch('https://example.org') } catch { return 1 } })()"
    assert page.evaluate(fetched)


def test_an_operation_without_javascript_keeps_its_recorded_numbers(show):
    odd = Op("odd", lambda x: math.floor(x) + 0.5, lambda out, x: (math.ceil(x) * 1.0,))
    x, w = Value(2.3, "x"), Value(0.5, "w")
    page = show(play((odd(x) * w).named("L")))
    page.keyboard.press("End")
    assert box(page, "L") == ["1.25", "1"]
    assert box(page, "x") == ["2.3", "1.5"]
    assert page.is_disabled("#x0s")
    assert page.is_disabled("#x0")
    assert page.text_content("#fixed") == (
        "Phép toán odd không viết được bằng JavaScript, nên không thay đổi được x."
    )
    page.fill("#x2", "2")
    page.press("#x2", "Enter")
    assert box(page, "L")[0] == "5"
    page.keyboard.press("Home")


def test_cau4_goes_back_from_what_is_given(show):
    page = show(live(cau4()))
    page.keyboard.press("End")
    assert box(page, "w₁") == ["0.8", "−0.3299"]
    assert page.evaluate("seedLines().map(spoken)") == ["∂L/∂R = −0.11 (theo đề bài)"]


def test_the_folded_picture_has_a_box_for_each_name(show):
    page = show(live())
    boxes = "[...picture.boxes.keys()].map((i) => nameOf(Number(i)).text)"
    assert "w₁·x" in page.evaluate(boxes)
    page.click("#fold")
    assert "w₁·x" not in page.evaluate(boxes)
    page.keyboard.press("ArrowRight")  # w₁·x, which is in the box of z₀
    assert page.locator("svg:not([hidden]) .found text").first.text_content().startswith("z₀")
    page.keyboard.press("End")
    assert box(page, "R") == ["2.4", "−0.11"]
    notes = page.evaluate(
        "[...picture.notes].map(([k, [f]]) => [k, f ? f.element.textContent : ''])"
    )
    name = page.evaluate("NODES.map((_, i) => nameOf(i).text)")
    shown = {tuple(name[int(i)] for i in key.split(",")): text for key, text in notes if text}
    assert shown["z₀", "x"] == "0.8"
    assert shown["h₁", "R"] == "−0.4"
    page.click("#fold")
    assert "w₁·x" in page.evaluate(boxes)


def test_roles_are_told_apart_by_shape_too(show):
    w, x, y = Value(0.5, "w"), Value(3.0, "x"), Value(1.0, "y")
    loss = ((w * x - y) ** 2).named("L")
    page = show(play(loss, roles={"parameter": [w], "input": [x], "target": [y]}))
    assert page.locator("svg:not([hidden]) .parameter polygon").count() == 1
    assert page.locator("svg:not([hidden]) .input path").count() == 1
    i = page.evaluate("NODES.findIndex((_, i) => nameOf(i).text === 'y')")
    assert (
        page.text_content(f"svg:not([hidden]) [data-box='{i}']").replace("\xa0", " ") == "y = 1.0"
    )
    page.fill(f"#x{i}", "2.5")
    page.press(f"#x{i}", "Enter")
    assert page.text_content(f"svg:not([hidden]) [data-box='{i}']") == "y = 2.5"


def test_a_graph_of_more_values_is_folded(show):
    x = y = Value(0.5, "x")
    for i in range(60):
        y = ((y * 0.9 + 0.1).tanh() + x * 0.01 - 0.002).named(f"y{i}")
        y = y + x * 0.0
    page = show(play(y.named("L"), max_nodes=200))
    assert page.evaluate("[PICTURES.length, picture.folded]") == [1, True]
    assert page.is_hidden("#fold")
    page.keyboard.press("End")
    y.backward()
    assert box(page, "x") == ["0.5", number(x.grad)]


# What is around the output of a cell: nothing special in Jupyter; in VS Code a policy of this kind,
# which a frame inherits; in Colab a frame of its own.
AROUND = [
    "{}",
    """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src
       'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src https: data:;
       child-src https: data: blob:">{}""",
    """<iframe sandbox="allow-scripts allow-modals allow-downloads" width="1000" height="800"
       srcdoc="{}"></iframe>""",
]


@pytest.mark.parametrize("around", AROUND)
def test_a_notebook_shows_it_in_a_frame(chromium, around):
    page = chromium.new_page()
    wrong = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    output = live()._repr_html_()
    nested = "srcdoc" in around
    page.set_content(f"<!DOCTYPE html>{around.format(html.escape(output) if nested else output)}")
    frame = page.frame_locator("iframe")
    if nested:
        frame = frame.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#count").text_content() == "1 / 15"
    assert frame.locator("#copy").is_hidden()  # there is no address to link to
    with page.expect_download():
        frame.locator("#save").click()
    page.wait_for_timeout(400)
    assert wrong == []


def test_the_file_is_small_and_whole(tmp_path):
    page = live(cau3())
    assert len(page.html.encode()) < 99_000
    page.save(tmp_path / "bai.html")
    assert (tmp_path / "bai.html").read_text("utf-8") == page.html
    assert live(cau3()).html == page.html


def test_bad_arguments_say_what_is_wrong():
    with pytest.raises(ValueError, match="play: lang is 'vi' or 'en', not 'fr'"):
        play(Value(1.0), lang="fr")
    with pytest.raises(TypeError, match=r"play: output must be a Value, not float 3\.0"):
        play(3.0)
    x = Value(1.0)
    for i in range(600):
        x = relu(x).named(f"x{i}")
    with pytest.raises(ValueError, match="pass max_nodes=601"):
        play(x)
    with pytest.raises(ValueError, match="play: x=inf is no finite number"):
        play(Value(math.inf, "x") * 2)


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
