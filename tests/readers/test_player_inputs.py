"""Live pages in a real browser: what follows an input, and what keeps its number."""

import math
import re

import pytest

from micrograd_vn import (
    Op,
    Value,
    cross_entropy,
    explain,
    log,
    maximum,
    play,
    relu,
    sigmoid,
    softmax,
)
from micrograd_vn.exercises import cau3, exercise
from micrograd_vn.formulas.text import number
from micrograd_vn.ops import log1p
from micrograd_vn.readers.numbers import drawn
from tests.readers.live import Window, box, live, needs_chromium, sentence, until

pytestmark = needs_chromium


def test_everything_follows_an_input(show):
    page = show(live())
    page.keyboard.press("End")
    page.fill("#x1", "-0,8")  # w₁, with a decimal comma
    page.press("#x1", "Enter")
    assert box(page, "w₁") == ["−0.8", "0"]
    assert box(page, "R") == ["0", "−0.35"]
    assert box(page, "ŷ₀") == ["0.5"]
    assert page.evaluate("backwardLines(6, known()).map(spoken)")[1].endswith("= 0 (do z₀ < 0)")
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
    pairs = page.evaluate(
        f"""[...walk.steps.keys(), walk.steps.length].flatMap((step) => {{
          go(step);
          const before = {looks};
          const found = [-0.8, 0.123456, 1e-9, 2e12, 0].map((x) => {{
            change(GRAPH.leaves[0].node, x);
            const inPlace = {looks};
            WRITTEN.clear();
            render();
            return [inPlace, {looks}];
          }});
          reset();
          return [...found, [before, {looks}]];
        }})"""
    )
    assert len(pairs) == 16 * 6
    assert all(in_place == anew for in_place, anew in pairs)
    assert len({str(anew) for _, anew in pairs}) > 50


@pytest.mark.parametrize("x", [-1.5, 0.0, 2.0])
def test_the_reason_of_a_derivative_is_said_as_in_a_solution(show, x):
    a, b = Value(x, "a"), Value(0.0, "b")
    results = [relu(a).named("R"), abs(a).named("A"), maximum(a, b).named("M")]
    total = (results[0] + results[1] + results[2]).named("L")
    page = show(play(total))
    page.keyboard.press("End")
    for result in results:
        said = re.search(r" \((.*)\)$", str(explain(result, a, lang="vi")), re.MULTILINE)
        of = result.label
        index = page.evaluate(f"NODES.findIndex((_, i) => nameOf(i).text === '{of}')")
        assert page.evaluate(f"reasonOf({index}, 0, state.d, state.slopes)") == said[1]


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

    page = show(kink().play())
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


def test_decimal_numbers_that_are_equal_are_equal_where_they_are_compared(show):
    a, b, c = (Value(x, name) for x, name in zip((0.1, 0.2, 0.3), "abc", strict=True))
    y = (maximum((a + b).named("s"), c).named("m") * 2).named("y")
    assert y.data > 0.6  # as binary numbers, 0.1 + 0.2 is larger than 0.3
    page = show(play(y, decimal=True))
    page.keyboard.press("End")
    index = "NODES.findIndex((_, i) => nameOf(i).text === '{}')"
    assert page.evaluate(f"[state.d[{index.format('s')}], state.d[ROOT]]") == [0.3, 0.6]
    page.evaluate(f"change({index.format('a')}, 0.7)")
    page.evaluate(f"change({index.format('c')}, 0.9)")
    assert page.evaluate(f"[state.d[{index.format('s')}], state.d[ROOT]]") == [0.9, 1.8]


def test_what_is_near_to_one_is_not_written_as_one(show):
    x = Value(6.0, "x")
    x.data = 6  # as exercises have what they give as integers
    page = show(play((sigmoid(x).named("p") * 2).named("y")))
    assert [page.input_value("#x0"), box(page, "x")[0]] == ["6", "6"]
    page.fill("#x0", "13")
    page.press("#x0", "Enter")
    page.evaluate("go(walk.steps.length)")
    p = sigmoid(Value(13.0))
    assert box(page, "p")[0] == str(drawn(p, 4)) == "0.99999774"
    assert "≈ 0.99999774" in page.evaluate("forwardLines(1, state.d).map(spoken)")[0]


def test_the_derivative_by_a_logit_stays_true_when_targets_move(show):
    h = [Value(0.5, "h₀"), Value(1.2, "h₁")]
    targets = [Value(0.3, "t₀"), Value(0.7, "t₁")]
    outputs = [p.named(f"p{i}") for p, i in zip(softmax(h), "₀₁", strict=True)]
    page = show(play(cross_entropy(h, targets).named("L"), beside=outputs))
    page.keyboard.press("End")
    assert "∂L/∂h₀ = (t₀ + t₁)·p₀ − t₀ ≈ 0.03181" in sentence(page)
    page.evaluate("change(GRAPH.leaves.find(({ node }) => nameOf(node).text === 't₀').node, 0.5)")
    line = page.evaluate("backwardLines(ROOT, known()).map(spoken)[0]")
    p0 = math.exp(0.5) / (math.exp(0.5) + math.exp(1.2))
    assert line == f"∂L/∂h₀ = (t₀ + t₁)·p₀ − t₀ ≈ {number(1.2 * p0 - 0.5)}"


def test_each_input_has_a_slider_and_a_field(show):
    page = show(live())
    leaves = page.evaluate("GRAPH.leaves.map(({ node }) => [node, state.d[node]])")
    assert len(leaves) == 5
    for i, x in leaves:
        low, high, now = (
            page.evaluate(f"Number(byId('x{i}s').{key})") for key in ("min", "max", "value")
        )
        assert low == -high
        assert max(1, 2 * abs(x)) <= high <= max(1, 3 * abs(x))
        assert now == x
        page.fill(f"#x{i}", "−12,5")  # beyond the slider
        page.press(f"#x{i}", "Enter")
        assert page.evaluate(f"state.d[{i}]") == -12.5
    page.click("#reset")
    assert page.evaluate("GRAPH.leaves.map(({ node }) => [node, state.d[node]])") == leaves


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
    assert page.text_content("#copied") == "Đã sao chép liên kết giữ các số này."
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
    until(page, "document.getElementById('copied').textContent.startsWith('Hãy sao chép')")
    selected = (
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))"
    )
    assert (
        page.evaluate(f"{selected}(document.getElementById('link'))")
        == page.url.split("#")[0] + "#folded=0&lang=vi"
    )


def test_a_saved_page_begins_with_its_numbers(show, chromium, tmp_path):
    page = show(live("cau3"), size=(1280, 720))
    names = page.evaluate("GRAPH.leaves.map(({ node }) => nameOf(node).text)")
    assert names == ["R", "w₂", "w₂′"]  # as `roles` has them, after what is not in it
    i = page.evaluate("GRAPH.leaves[0].node")
    page.fill(f"#x{i}", "0.123456789")
    page.press(f"#x{i}", "Enter")
    page.click("#next")
    page.click("#language")
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "Câu 3.html"
    download.value.save_as(tmp_path / "saved.html")
    window = Window(chromium)
    for name in ("saved.html", "again.html"):  # what is saved can be saved again
        saved = window.open((tmp_path / name).as_uri())
        now = saved.evaluate("[state.d[GRAPH.leaves[0].node], state.step, reader.language]")
        assert now == [0.123456789, 1, "en"]
        assert saved.evaluate("ORIGINAL[GRAPH.leaves[0].node]") == cau3().nodes["R"].data
        with saved.expect_download() as download:
            saved.click("#save")
        download.value.save_as(tmp_path / "again.html")
    window.check()


def test_gradient_descent_lowers_the_loss_by_the_parameters_or_what_is_chosen(show):
    page = show(live())
    names = "ROWS.filter(({ chosen }) => chosen.checked).map(({ leaf }) => nameOf(leaf.node).text)"
    assert page.evaluate(names) == ["w₁", "b₁", "w₂", "w₂′"]  # and not x
    for name in page.evaluate("ROWS.map(({ chosen }) => chosen.id)"):
        page.set_checked(f"#{name}", name == "x1c")
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
    page.check("#x4c")
    for _ in range(3):
        page.click("#descend")
    assert page.evaluate("state.d[ROOT]") < after[root]
    assert page.locator("#curve").get_attribute("points").count(",") == 5


def test_gradient_descent_that_diverges_ends_with_numbers(show):
    x = Value(3.0, "x")
    page = show(play((x**4).named("L")))
    assert page.is_checked("#x0c")  # as there is no parameter
    for _ in range(9):
        page.click("#descend")
    points = page.locator("#curve").get_attribute("points")
    assert page.text_content("#fall") == "L: ∞ → ∞"
    assert all(0 <= float(y) <= 40 for y in re.split("[ ,]", points)[1::2])
    assert page.evaluate("Number.isFinite(state.d[0])")


def test_a_loss_beyond_the_graph_is_not_lowered(show):
    page = show(live("cau4"))
    assert page.is_hidden("#descend")
    assert page.is_hidden("#x1c")
    assert page.is_visible("#x1s")


def test_a_slider_goes_where_the_operations_allow(show):
    x, y = Value(2.0, "x"), Value(3.0, "y")
    page = show(play((log(x) * y).named("L")))
    assert float(page.get_attribute("#x0s", "min")) > 0
    assert float(page.get_attribute("#x2s", "min")) == -6
    page.fill("#x0", "-1")
    page.press("#x0", "Enter")
    assert page.text_content("#alarm") == "không tính được ln(−1.0)"


def test_a_slider_leads_to_round_numbers_and_has_the_number_in_its_range(show):
    xs = [Value(x, name) for x, name in [(3.0, "a"), (1e-9, "b"), (-0.5, "c"), (2.0, "n")]]
    a, b, c, n = xs
    n.data = 2  # as exercises have what they give as integers
    page = show(play(((log(a) + log(b)) * n + log1p(c)).named("L")))
    row = "({ leaf, slider }) => [nameOf(leaf.node).text, [leaf.node, slider.id]]"
    nodes = dict(page.evaluate(f"ROWS.map({row})"))
    for x in xs:
        slider = nodes[x.label][1]
        ends = [float(page.get_attribute(f"#{slider}", end)) for end in ("min", "max")]
        assert ends[0] <= x.data <= ends[1]

    def press(name, key):
        node, slider = nodes[name]
        page.focus(f"#{slider}")
        page.keyboard.press(key)
        return page.evaluate(f"state.d[{node}]")

    assert [press(name, "ArrowRight") for name in "abcn"] == [3.01, 0.001, -0.49, 3]
    assert [press(name, "Home") for name in "abcn"] == [0.01, 1e-9, -0.5, -4]
    assert press("b", "ArrowRight") == 0.001
    assert page.evaluate("Number.isFinite(drawn(1, ORIGINAL)[ROOT])")
    assert page.evaluate(f"drawn(1, ORIGINAL)[{nodes['n'][0]}] % 1") == 0


@pytest.mark.parametrize(
    ("make", "x", "slope"),
    [
        (lambda x: 1 / x + log(x), 0.004, -62250),
        (lambda x: log(x) * 1.0, 1e-9, 1e9),
        (lambda x: log(x - 3) * 1.0, 3.0001, 1e4),
        (lambda x: x**4, 3.0, 108),
        (lambda x: x * x, 0.0, 0),
    ],
)
def test_the_finite_difference_keeps_off_the_end_of_the_domain(show, make, x, slope):
    page = show(play(make(Value(x, "x")).named("L")))
    i = page.evaluate("GRAPH.leaves[0].node")
    said = page.evaluate(f"spoken(differenceLines({i}, state.d)[2])").rpartition(" ≈ ")[2]
    assert said == number(slope)


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
