"""Live pages in a real browser: for everyone, in a notebook, and closed to what is outside."""

import html
import math
import pathlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from micrograd_vn import Value, exp, play, relu
from micrograd_vn.readers import player
from tests.readers.live import LINES, SPOKEN, box, live, needs_chromium, sentence, spoken, until

pytestmark = needs_chromium


def violations(page, *rules, within="html"):
    """Return what axe-core finds in a part of the page: by all its rules, or by some."""
    options = {"runOnly": list(rules)} if rules else None
    found = Axe().run(page, context=within, options=options).response["violations"]
    return [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found]


def test_axe_finds_nothing(show):
    page = show(live("cau3"))
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.click('[data-box="5"]')
    page.click(".more summary")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, "color-contrast") == []
    page.click("#ask")
    assert violations(page, within="#now") == []


DETAILS = "detailsOf(state.selected).flat().map(spoken)"


def accessible(page):
    """Return what a screen reader has: the role, the name and the description of each thing."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        [n.get(key, {}).get("value", "") for key in ("role", "name", "description")]
        for n in nodes
        if not n["ignored"]
    ]


def test_a_screen_reader_has_a_name_for_each_thing_and_hears_each_step(show):
    page = show(live("cau3"))
    start = "Bước 0 trên 9; Bắt đầu: nhấn nút tiến hoặc Page Down để đi từng bước."
    assert spoken(page) == start  # arrows are a screen reader's own
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("ArrowRight")
        assert spoken(page).partition("; ")[2] == page.evaluate("heard", sentence(page))
    assert page.get_attribute("#announcement", "aria-live") == "polite"
    found = accessible(page)
    controls = {"button", "slider", "textbox", "checkbox", "combobox"}
    names = [(role, name) for role, name, _ in found if role in controls]
    assert all(name for _, name in names)
    assert len(set(names)) == len(names) == 40
    about = "R xấp xỉ 2.4; đạo hàm của L theo R xấp xỉ âm 0.11"
    assert ["button", about, "xem quy tắc chuỗi"] in found
    assert {("slider", "w 2"), ("textbox", "w 2"), ("checkbox", "cập nhật w 2")} < set(names)
    page.keyboard.press("Home")
    found = accessible(page)
    about = "h 0 chưa tìm; đạo hàm của L theo h 0 chưa tìm"
    assert ["button", about, "xem quy tắc chuỗi"] in found
    assert ["button", "x bằng 3.0", "xem quy tắc chuỗi"] in found
    assert "0 / 9" not in [name for _, name, _ in found]  # it is in what is said
    page.focus("#bar")
    page.keyboard.press("ArrowRight")
    assert spoken(page) == page.evaluate("heard", sentence(page))  # the bar says which step it is
    page.evaluate("go(walk.steps.length)")
    found = accessible(page)
    assert ["heading", "Lan truyền ngược", ""] in found


SIGNS = {
    "∂L/∂w₂′ ≈ −0.157·(−4.7·10⁻⁹)": "đạo hàm của L theo w 2 phẩy xấp xỉ âm 0.157 nhân "
    "(âm 4.7 nhân 10 lũy thừa âm 9)",
    "ŷ₁₀ − y² = (a + b)/c; 3 → 2": "y mũ 10 trừ y lũy thừa 2 bằng (a cộng b) chia c; 3 thành 2",
    "∂L/∂R += 2": "đạo hàm của L theo R cộng thêm 2",
}


def test_speech_has_words_for_every_sign(show):
    page = show(live("cau3"))
    for text, words in SIGNS.items():
        assert page.evaluate("heard", text) == words
    page.click("#language")
    assert page.evaluate("heard", "∂L/∂ŷ₀ = −w″·x") == (
        "derivative of L by y hat 0 equals minus w prime prime times x"
    )


def test_each_question_is_heard_with_what_was_said_of_the_answer_before(show):
    page = show(live("cau3"))
    page.keyboard.press("ArrowLeft")
    page.click("#ask")
    assert spoken(page) == "Tính h 0"
    page.evaluate("byId('descend').click()")  # which does nothing while it is asked
    assert page.evaluate("!isChanged()")

    def answer(text):
        page.fill("#answer", text)
        page.keyboard.press("Enter")
        return spoken(page), next(d for _, name, d in accessible(page) if name == "Câu trả lời")

    assert answer("7") == ("Chưa đúng, hãy thử lại.", "Tính h 0")
    assert answer("7") == ("Chưa đúng, hãy thử lại.\xa0", "Tính h 0")  # so that it is said again
    page.evaluate("go(0)")
    assert spoken(page) == "Chưa đúng, hãy thử lại. Tính h 0"
    page.click("#skip")
    assert spoken(page) == "h 0 xấp xỉ 0.72. Tính h 1"
    assert page.evaluate("document.activeElement.id") == "answer"
    assert answer("-0.96") == ("Đúng! Tính L", "Tính L")


def test_what_a_change_gives_is_heard_when_it_rests(show):
    page = show(live("cau3"))
    before = spoken(page)
    moved = f"(() => {{ change(1, 1.5); change(1, 1.6); return {SPOKEN}; }})()"  # R, by its slider
    assert page.evaluate(moved) == before
    until(page, f"{SPOKEN} !== {before!r}")
    assert spoken(page) == "L xấp xỉ 0.2824; đạo hàm của L theo R xấp xỉ âm 0.1722"
    page.focus("#reset")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "reset"
    assert page.get_attribute("#reset", "aria-disabled") == "true"
    until(page, f"{SPOKEN} === 'L xấp xỉ 0.1709'")
    page.fill("#x1", "abc")
    page.press("#x1", "Enter")
    assert spoken(page) == "Hãy nhập một số, ví dụ 0,25."
    assert page.get_attribute("#x1", "aria-invalid") == "true"
    page.fill("#rate", "abc")
    page.click("#descend")
    assert spoken(page) == "Hãy nhập một số, ví dụ 0,25.\xa0"


def test_a_box_is_heard_as_it_opens_and_closes_and_the_focus_stays(show):
    page = show(live("cau3"))
    page.focus('[data-box="1"]')
    page.keyboard.press("Enter")
    assert page.get_attribute('[data-box="1"]', "aria-expanded") == "true"
    assert spoken(page) == page.evaluate("heard", "; ".join(page.evaluate(DETAILS)))
    assert spoken(page).startswith("R xấp xỉ 2.4; đạo hàm của L theo R bằng đạo hàm của L theo h 1")
    assert "(h bằng 0.0001)" in spoken(page)
    page.focus("#close")
    page.keyboard.press("Escape")
    assert page.get_attribute('[data-box="1"]', "aria-expanded") == "false"
    assert page.evaluate("document.activeElement.getAttribute('data-box')") == "1"
    page.focus("#last")
    page.keyboard.press("Enter")
    disabled = "[byId('last').ariaDisabled, byId('last').disabled]"  # the latter loses the focus
    assert page.evaluate(disabled) == ["true", False]
    page.click("#language")
    until(page, f"{SPOKEN} === 'English'")
    assert page.get_attribute("#language", "lang") == "vi"
    page.click("#fold")
    assert spoken(page) == "Step 9 of 9"


def test_the_keyboard_alone_does_everything(show):
    page = show(live(), "#folded=0", size=(800, 720), reduced_motion="reduce")

    def tab_to(what):
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("(what) => document.activeElement.matches(what)", what):
                assert page.evaluate("document.activeElement.matches(':focus-visible')")
                return
        raise AssertionError(f"never reached: {what}")

    tab_to("svg:not([hidden]) .output")  # far to the right
    in_view = """(() => {
      const box = document.activeElement.getBoundingClientRect();
      const frame = picture.svg.getBoundingClientRect();
      return frame.left <= box.left && box.right <= frame.right;
    })()"""
    until(page, in_view)
    page.keyboard.press("Enter")
    assert page.is_visible("#details")
    page.keyboard.press("Escape")
    tab_to("#play")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("state.step") == 1
    tab_to("#bar")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("state.step") == 2
    tab_to("#x1s")
    page.keyboard.press("ArrowRight")
    assert box(page, "w₁")[0] == "0.81"
    tab_to("#x1")
    page.keyboard.type("0,5\n")
    assert box(page, "w₁")[0] == "0.5"
    tab_to("#x4c")
    page.keyboard.press(" ")
    tab_to("#descend")
    before = page.evaluate("[...state.d]")
    page.keyboard.press("Enter")
    after = page.evaluate("state.d")
    assert after[1] != before[1]  # w₁, one of the parameters
    assert after[4] == before[4]
    tab_to("#ask")
    page.keyboard.press("Enter")
    product = page.evaluate("shown(state.d[FORWARD[0]])")
    page.keyboard.type(f"{product}\n")  # w₁·x: the answer has the focus
    assert page.text_content("#verdict") == "Đúng!"


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
    page.wait_for_timeout(150)
    assert wrong == []


def test_no_text_stands_in_another_whose_spaces_would_be_lost():
    for script in sorted(pathlib.Path(player.__file__).parent.glob("*.js")):
        assert not re.search(r"\$\{[^{}`]*`", script.read_text("utf-8")), script


def test_the_file_is_small_and_whole(tmp_path):
    page = live("cau3")
    assert len(page.html.encode()) < 100_000
    page.save(tmp_path / "bai.html")
    assert (tmp_path / "bai.html").read_text("utf-8") == page.html
    assert live("cau3").html == page.html


def test_bad_arguments_say_what_is_wrong():
    with pytest.raises(ValueError, match="lang is 'vi' or 'en', not 'fr'"):
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
