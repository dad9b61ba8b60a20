"""The pictures of an exercise: what may be shown, in how many digits, and step by step."""

import re

import pypdfium2
import pytest

from micrograd_vn import Value
from micrograd_vn.exercises import cau3, cau4, check_class, exercise, network
from micrograd_vn.exercises.page import html
from micrograd_vn.formulas.text import number
from tests.readers.live import Window, browser, needs_chromium
from tests.readers.pictures import arrows, boxes, text_height, touching
from tests.sizes import size


def shown(diagram):
    return boxes(diagram.pipe("svg"))


def test_a_picture_has_the_decimals_of_the_answer():
    said = "Cho `y = w·x` với `w = {w}`, `x = {x}`. Tính `∂y/∂w`."

    @exercise(name={"vi": "Bài", "en": "Task"}, statement={"vi": said, "en": said}, asks="∂y/∂w",
              decimals=6)  # fmt: skip
    def product(w: float = 2.0, x: float = 3.0):
        return (Value(w, "w") * (Value(x, "x") / 7 + 10)).named("y")

    picture = shown(product().draw())
    assert picture["w"][-1] == f"∂y/∂w ≈ {number(product().rounded, 8)}"
    assert number(product().rounded, 8) == "10.428571"


def test_a_picture_takes_what_draw_takes():
    assert not any("∂L" in t for box in shown(cau3().draw(show=["value"])).values() for t in box)
    assert shown(cau4().draw(digits=6))["R"][-1] == "∂L/∂R ≈ −0.109967"
    assert "đầu" in shown(cau4().draw(legend=True))
    assert shown(cau4().draw(title="T"))["R"] == shown(cau4().draw())["R"]


def test_an_architecture_shows_weights_values_or_gradients():
    texts = {
        show: re.findall(r"−?\d\.\d+", cau4().architecture(show=show).source)
        for show in ("weights", "values", "gradients")
    }
    assert "0.8" in texts["weights"]
    assert "2.4" in texts["values"]
    assert "−0.3299" in texts["gradients"]
    assert "−0.3299" not in texts["weights"] + texts["values"]


def test_the_figures_of_the_course_go_from_the_input_to_the_loss():
    """As the statements say: R is of ReLU, then softmax, then the cross-entropy."""
    for made in (cau3(), cau4()):
        picture = made.architecture("en").pipe("svg")
        figure = boxes(picture)
        assert figure["R"] == ["R", "ReLU"]
        ways = set(arrows(picture))
        way, reached = ["x"], {"x"}
        while way:
            here = way.pop()
            way += [end for start, end in ways if start == here and end not in reached]
            reached |= {end for start, end in ways if start == here}
        said = " ".join(word for name in reached for word in figure[name])
        assert {"R", "L"} <= reached
        assert "softmax" in said
        assert "cross-entropy" in said


@pytest.mark.parametrize("given", [cau3, cau4, network])
def test_the_frames_of_an_exercise_end_with_its_picture(given):
    pages = given().frames("en")
    first, last = boxes(pages[0].encode()), boxes(pages[-1].encode())
    whole = shown(given().draw("en"))
    assert last == whole
    assert set(first) == set(whole)
    assert "∂L/∂R" not in str(first)


def test_a_probability_near_to_one_is_not_written_as_one():
    e = network(x=10.0, w1=1.0, w2=0.6, w2_prime=-0.6)
    picture = shown(e.draw("en"))
    p, q = (float(picture[y][1].split()[1].replace("·10⁻⁶", "e-6")) for y in ("ŷ₀", "ŷ₁"))
    assert p < 1
    assert p + q == pytest.approx(1, abs=1e-9)
    assert "0.999993856" in str(e.explain("en", forward=True))
    assert picture["ŷ₀"][1] == "value 0.999993856"


def test_one_decimal_is_singular():
    said = "Given `y = w·x` with `w = {w}`, `x = {x}`: `∂y/∂w`."

    @exercise(name={"vi": "Bài", "en": "Task"}, statement={"vi": said, "en": said}, asks="∂y/∂w",
              decimals=1)  # fmt: skip
    def product(w: float = 2.0, x: float = 3.0):
        return (Value(w, "w") * (Value(x, "x") / 7)).named("y")

    assert str(product().explain("en")).endswith("≈ 0.4 (rounded to 1 decimal)\n")


def test_a_live_page_has_the_block_of_the_picture():
    page = cau3().play().html
    (whole,) = re.findall(r'<svg[^>]*data-picture="all".*?</svg>', page, re.DOTALL)
    assert len(set(re.findall(r'data-op="(\d+)"', whole))) == 3  # two products, and softmax with L


SIZES = """[...document.querySelectorAll("figure svg")].flatMap((svg) => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll("text")].map(
    (text) => scale * parseFloat(text.getAttribute("font-size")));
})"""
COLOURS = """(of) => {
  const ground = (e) => {
    const colour = getComputedStyle(e).backgroundColor;
    return e === document.body || !colour.endsWith(", 0)") ? colour : ground(e.parentElement);
  };
  return [...document.querySelectorAll(of)].map((e) => [getComputedStyle(e).color, ground(e)]);
}"""


def light(colour):
    """Return the luminance of a colour, as WCAG 2 defines it."""
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
               for c in (red, green, blue))  # fmt: skip
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@needs_chromium
@pytest.mark.skipif(size(True, False), reason="at full size only: THOROUGH is not set")
def test_a_page_can_be_read_on_a_phone_on_a_screen_in_the_dark_and_on_paper(tmp_path):
    """On a phone each picture scrolls within its own figure; the page doesn't."""
    with browser() as chromium:
        window = Window(chromium)
        for i, made in enumerate((cau3(), cau4(), network())):
            file = tmp_path / f"{i}.html"
            file.write_text(html(made, "en"), "utf-8")
            page = window.open(file.as_uri())
            for width, smallest in ((390, 11.9), (1280, 10)):
                page.set_viewport_size({"width": width, "height": 844})
                assert page.evaluate("document.documentElement.scrollWidth") == width
                assert min(page.evaluate(SIZES)) >= smallest
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                for ink, ground in page.evaluate(COLOURS, "h1, h2, p, li, math, figcaption"):
                    dark, bright = sorted((light(ink), light(ground)))
                    assert (bright + 0.05) / (dark + 0.05) >= 7
            assert len(texts_of(page.pdf(prefer_css_page_size=True))) == 1
            page.add_style_tag(content="@page { size: 210mm 140mm }")
            ends = [text.split()[-1] for text in texts_of(page.pdf(prefer_css_page_size=True))]
            assert len(ends) > 1  # and wherever a page ends, a step stays whole
            assert not [x for x in ends[:-1] if x.endswith(":") or x in ("Solution", "graph")]
            window.check()
        answers = {"name": "A", "∂L/∂h₀": "-0.1", "∂L/∂R": "0.3"}  # with long formulas in a line
        made = cau3(1.5, -0.8, 0.1, (0.1034, 0.8966))
        file.write_text(check_class(made, [answers]).to_html(), "utf-8")
        page = window.open(file.as_uri())
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        window.check()


def texts_of(pdf):
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("legend", [False, True])
@pytest.mark.parametrize("made", [cau3(), cau4(), network(w1=-0.8)], ids=["3", "4", "ReLU off"])
def test_on_a_slide_no_text_touches_what_it_does_not_belong_to(made, legend):
    diagram = made.draw(slide=True, legend=legend)
    assert text_height(diagram.pipe("svg")) >= 24
    assert touching(diagram) == []
