"""Live pages in a real browser: the view, sizes, languages, colours, and print."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest

from micrograd_vn import Value, play
from micrograd_vn.exercises import cau3, cau4, network
from micrograd_vn.formulas.text import number
from tests.readers.live import box, live, needs_chromium, until

pytestmark = needs_chromium


def test_the_picture_is_scaled_and_moved(show):
    page = show(live(), size=(1000, 800))
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
    page = show(live(), size=(1000, 720), reduced_motion="reduce")
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
        assert page.evaluate(text) > 8.99
    page.evaluate("go(0)")
    until(page, seen)
    page.click("#fit")
    assert page.evaluate(text) < 8


def test_only_a_graph_of_many_values_opens_folded(show):
    x, w = Value(2.0, "x"), Value(0.5, "w")
    small = play((x * w + 1).tanh() ** 2)
    page = show(small, "", size=(390, 844))
    assert page.evaluate("[PICTURES.length, picture.folded, walk.steps.length]") == [2, False, 9]
    page.click("#fold")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_timeout(50)
    assert page.evaluate("picture.folded")  # as the reader wants it
    y = x
    for i in range(26):
        y = (y * 0.9 + 0.1).named(f"y{i}")
    page = show(play(y), "")
    assert page.evaluate("[PICTURES.length, picture.folded]") == [2, True]
    assert page.get_attribute("#fold", "aria-pressed") == "true"


def test_picture_controls_and_sentence_are_seen_together(show):
    for name in ("cau3", "cau4", "network"):
        page = show(live(name), size=(1280, 720))
        page.keyboard.press("End")  # steps by key bring the statement out of the way
        for what in ("#picture", "#next", "#lines .line:nth-of-type(4)"):
            seen = page.locator(what).bounding_box()
            assert seen["y"] > -1
            assert seen["y"] + seen["height"] < 721
        page.click("#ask")
        page.evaluate("quiz.at = quiz.all.length - 1; toQuestion(); byId('hinted').open = true")
        page.fill("#answer", "7")
        page.keyboard.press("Enter")
        for what in ("#picture", "#verdict"):
            seen = page.locator(what).bounding_box()
            assert seen["y"] > -1
            assert seen["y"] + seen["height"] < 721


AT_WORK = """() => {
  const frame = picture.svg.getBoundingClientRect();
  const at = [".box.found", ".box.working"]
    .flatMap((what) => [...picture.svg.querySelectorAll(what)])
    .map((g) => g.getBoundingClientRect());
  const outside = at.filter((b) => b.left < frame.left || b.right > frame.right
    || b.top < frame.top || b.bottom > frame.bottom);
  const size = (a, b) => Math.max(...at.map((r) => r[b])) - Math.min(...at.map((r) => r[a])) + 12;
  const fits = size("left", "right") < frame.width && size("top", "bottom") < frame.height;
  return outside.length === 0 || (!fits && !outside.includes(at[0]));
}"""
"""Whether all boxes at work are seen whole, or that of the result where all are too many."""


@pytest.mark.parametrize("folded", [0, 1])
def test_the_boxes_at_work_are_seen_on_a_phone(show, folded):
    page = show(live(), f"#folded={folded}", size=(390, 844), reduced_motion="reduce")
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("ArrowRight")
        until(page, f"({AT_WORK})()")
    assert page.evaluate("picture.svg.getScreenCTM().a * 16") > 8.99


def test_a_picture_whose_values_all_have_names_is_folded_into_their_definitions(show):
    page = show(live("cau3"))
    page.keyboard.press("End")
    whole = [box(page, name) for name in ("h₀", "h₁", "R")]
    assert page.locator("svg:not([hidden]) .op").count() == 3
    page.click("#fold")
    assert page.locator("svg:not([hidden]) .op").count() == 1  # softmax and cross-entropy
    assert [box(page, name) for name in ("h₀", "h₁", "R")] == whole
    shown = page.locator("svg:not([hidden]) .intermediate text").all_text_contents()
    assert {"h₀ = w₂·R", "h₁ = w₂′·R"} < set(shown)
    assert all(text and text != "–" for numbers in whole for text in numbers)


def test_a_folded_picture_has_fewer_boxes(show):
    page = show(live())
    folded = "[...picture.svg.querySelectorAll('.box')].filter((b) => b.checkVisibility()).length"
    page.click("#fold")
    fewer = page.evaluate(folded)
    page.click("#fold")
    assert fewer < page.evaluate(folded)


BOXES = "[...picture.boxes.values()].map((g) => g.getBoundingClientRect())"


def over_boxes(page, near=-1):
    """Return what stands on an edge and on a box, too, or so near it in pixels."""
    return page.evaluate(
        f"""(near) => [...picture.notes.values()].flat().filter(Boolean).map((n) => n.element)
        .filter((e) => {BOXES}.some((b) => {{
          const r = e.getBoundingClientRect();
          const across = r.left < b.right + near && b.left < r.right + near;
          return across && r.top < b.bottom && b.top < r.bottom;
        }})).map((e) => e.textContent)""",
        near,
    )


@pytest.mark.parametrize("name", ["cau3", "cau4", "network"])
def test_the_edges_of_an_exercise_have_room(show, name):
    page = show(live(name), "#folded=0", size=(2600, 1000))
    page.keyboard.press("End")
    assert over_boxes(page, near=4) == []
    page.click("#fold")
    assert page.evaluate("picture.folded")
    assert over_boxes(page, near=4) == []


def test_numbers_on_edges_keep_off_the_boxes_and_nearly_all_is_all(show):
    x, w, b, t = Value(2.0, "x"), Value(0.4, "w"), Value(-0.1, "b"), Value(1.0, "y")
    u, v = Value(-0.5, "u"), Value(0.6, "v")
    loss = (((w * x + u * v + b).named("z").tanh().named("ŷ") - t) ** 2).named("L")
    page = show(play(loss, roles={"target": [t]}), "#folded=1", size=(860, 1000))
    page.keyboard.press("End")
    assert page.evaluate("ENOUGH < fitting() * FONT && fitting() * FONT < READABLE")
    frame = "picture.svg.getBoundingClientRect()"
    assert page.evaluate(f"{BOXES}.every((b) => b.left >= 0 && b.right <= {frame}.right)")
    assert over_boxes(page) == []


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
        """[...picture.notes].filter(([, [note]]) => note).map(([key, [note]]) => {
          const [i, slot] = key.split(",").map(Number);
          return [i, walk.part(i).parents[slot]].map((x) => nameOf(x).text)
            .concat(note.element.textContent);
        })"""
    )
    assert ["z₀", "x", "0.8"] in notes
    assert ["h₁", "R", "−0.4"] in notes
    assert ["L", "h₀", "ŷ₀ − y₀ ≈ −0.1571"] in notes
    page.click("#fold")
    assert "w₁·x" in page.evaluate(boxes)


def test_a_graph_of_more_values_is_folded(show):
    x = y = Value(0.5, "x")
    for i in range(25):
        y = ((y * 0.9 + 0.1).tanh() * 0.99).named(f"y{i}")
    page = show(play(y, max_nodes=80), "")
    assert page.evaluate("[PICTURES.length, picture.folded]") == [1, True]
    assert page.is_hidden("#fold")
    page.keyboard.press("End")
    y.backward()
    assert box(page, "x") == ["0.5", number(x.grad)]


FILLS = """() => [...picture.svg.querySelectorAll(".box")].map((g) => {
  const shape = g.querySelector("path") ?? g.querySelector("polygon");
  const { fill, strokeWidth, strokeDasharray } = getComputedStyle(shape);
  const [r, g_, b] = fill.match(/[\\d.]+/g).map((c) => (c / 255) ** 2.2);
  const light = 0.2126 * r + 0.7152 * g_ + 0.0722 * b;
  return [g.getAttribute("class"), `${shape.localName} ${strokeWidth} ${strokeDasharray}`, light];
})"""


@pytest.mark.parametrize("look", ["light", "dark"])
def test_roles_are_told_apart_without_colours(show, look):
    w, x, y, b = (Value(1.0 + i, name) for i, name in enumerate("wxyb"))
    loss = (w * x + b * 2.0 - y).named("L")
    roles = {"parameter": [w], "input": [x], "target": [y]}
    page = show(play(loss, roles=roles), color_scheme=look)
    found = {name: (form, light) for name, form, light in page.evaluate(FILLS)}
    assert len(found) == 7
    for (form, light), (other, lightness) in itertools.combinations(found.values(), 2):
        contrast = (max(light, lightness) + 0.05) / (min(light, lightness) + 0.05)
        assert form != other or contrast > 1.15


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


def test_two_fingers_scale_the_picture(show):
    page = show(live(), size=(390, 844), touch=True)
    page.tap("#next")
    assert page.evaluate("state.step") == 1
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
    page.evaluate("fit('whole', 0)")
    seen = page.evaluate("picture.boxes.get('1').getBoundingClientRect().toJSON()")
    for _ in range(5):  # a tap right after a swipe ends its momentum, no more
        page.touchscreen.tap(seen["x"] + seen["width"] / 2, seen["y"] + seen["height"] / 2)
        page.wait_for_timeout(300)
        if page.evaluate("state.selected") == 1:
            break
    assert page.evaluate("state.selected") == 1


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


SIZES = """[...document.querySelectorAll("#phase, #lines *, .remark, .controls *")]
  .filter((e) => e.checkVisibility() && !e.childElementCount && e.textContent.trim())
  .map((e) => parseFloat(getComputedStyle(e).fontSize))"""


def test_a_hall_can_read_it(show):
    page = show(live(), size=(1280, 720), reduced_motion="reduce")
    page.click("#present")
    until(page, "document.fullscreenElement === document.documentElement")
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("PageDown")
        until(page, f"({AT_WORK})()")
        assert min(page.evaluate(SIZES)) >= 24  # indices and exponents, too
        assert over_boxes(page) == []
    assert page.evaluate("picture.svg.clientHeight") > 360  # all controls are in one row
    page.click("#language")
    assert page.text_content("#phase") == "Backward pass"
    assert page.evaluate("picture.svg.clientHeight") > 360
    page.keyboard.press("ArrowLeft")
    texts = (
        "[...picture.svg.querySelectorAll('text')].map((t) => t.textContent && getComputedStyle(t))"
    )
    smallest = page.evaluate(
        f"Math.min(...{texts}.filter(Boolean).map((s) => parseFloat(s.fontSize)))"
    )
    assert page.evaluate("picture.svg.getScreenCTM().a") * smallest >= 24
    assert page.is_hidden("aside")
    page.locator("svg:not([hidden]) .box.working").first.click()
    assert page.is_visible("#chain")
    assert page.is_visible("#inputs")
    page.click("#close")
    assert page.is_hidden("aside")
    for width in (390, 1000):
        page.set_viewport_size({"width": width, "height": 720})
        button = page.locator("#present").bounding_box()
        assert button["x"] + button["width"] < width
    page.keyboard.press("Escape")
    until(page, "!state.presenting")
    assert page.is_visible("aside")
    assert page.is_visible("header #present")


@pytest.mark.parametrize("width", [390, 768, 1280, 3840])
def test_nothing_is_wider_than_the_window(show, width):
    page = show(live(), size=(width, 844))
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_figure_is_printed_for_each_chosen_step(show):
    page = show(live("cau3"))
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) == 1
    page.click(".more summary")
    page.fill("#steps", "1-3, 9")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) == 4
    assert page.evaluate("state.step") == 0
    assert min(gaps(page)) > 5  # between formulas one above the other


def gaps(page):
    """Return how far apart what follows one another on the printed figures is, in pixels."""
    page.emulate_media(media="print")
    page.evaluate("makeFigures()")
    return page.evaluate("""() => {
      const parts = [...document.querySelectorAll("figure > svg, figcaption h2, figure math")];
      const seen = parts.map((e) => e.getBoundingClientRect());
      return seen.slice(1).flatMap((r, i) => seen.slice(0, i + 1)
        .filter((s) => s.left < r.right && r.left < s.right).map((s) => r.top - s.bottom));
    }""")


def test_what_fills_a_page_is_printed_below_or_beside_its_picture(show):
    terms = (Value(0.1 * i, f"w{i}") * Value(0.5, f"x{i}") for i in range(12))
    page = show(play(sum(terms, Value(1.0, "b")).named("L")), "#folded=1")
    page.click(".more summary")
    page.fill("#steps", "6, 7")
    assert min(gaps(page)) > -1
    heights = "[...document.querySelectorAll('figure > svg')].map((e) => e.clientHeight)"
    assert min(page.evaluate(heights)) > 500
    picture, heading = (
        page.locator(f"figure:first-child > {what}").bounding_box() for what in ("svg", "* > h2")
    )
    assert picture["x"] + picture["width"] < heading["x"]


def test_motion_stops_where_it_is_unwanted(show):
    page = show(live(), size=(390, 844), reduced_motion="reduce")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(50)
    at = page.evaluate("view.x")
    page.wait_for_timeout(200)
    assert page.evaluate("view.x") == at


TEXTS = """(what) => [...picture.svg.querySelectorAll(what)].map((g) =>
  [...g.querySelectorAll("text")].map((t) => t.textContent.trim()).join(" | ")).sort()"""


@pytest.mark.parametrize(
    ("made", "folded"),
    [(cau3, False), (cau4, False), (network, False), (network, True), (cau4, True)],
)
def test_the_picture_is_that_of_draw(show, made, folded):
    page = show(made().play("vi"), f"#folded={folded:d}")
    page.keyboard.press("End")
    drawn = ET.fromstring(made().draw("vi", fold=folded).pipe(format="svg", encoding="utf-8"))
    kinds = {"node": [], "edge": []}
    for group in drawn.iter("{http://www.w3.org/2000/svg}g"):
        if group.get("class") in kinds:
            texts = [e.text.strip() for e in group.iter("{http://www.w3.org/2000/svg}text")]
            kinds[group.get("class")].append(" | ".join(texts).replace("\xa0", " "))
    assert page.evaluate(TEXTS, ".box, .op") == sorted(kinds["node"], key=str.encode)
    edges = [text for text in page.evaluate(TEXTS, ".edge") if text]
    assert edges == sorted(filter(None, kinds["edge"]), key=str.encode)


OUTSIDE = """() => [...picture.boxes.values()].filter((g) => {
  const frame = (g.querySelector("path") ?? g.querySelector("polygon")).getBBox();
  return [...g.querySelectorAll("text")].some((t) => {
    const box = t.getBBox();
    return box.x < frame.x || box.x + box.width > frame.x + frame.width;
  });
}).map((g) => g.textContent)"""


CUT = "ROWS.filter(({ field: f }) => f.scrollWidth > f.clientWidth).map(({ field: f }) => f.value)"


def test_every_number_has_room_in_its_box_and_in_its_field(show):
    page = show(live())
    page.keyboard.press("End")
    for x in (-0.8, -1.2345678, 1e-9, -1.2345678e-10, 3.3333333e12):
        page.evaluate("(x) => GRAPH.leaves.forEach(({ node }) => change(node, x))", x)
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate(CUT) == []
