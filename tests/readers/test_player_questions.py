"""Live pages in a real browser: questions."""

import math

from tests.readers.live import box, live, needs_chromium, spoken, until

pytestmark = needs_chromium


def test_questions_are_judged_and_follow_from_a_wrong_number(show):
    page = show(live("cau3"))
    page.evaluate("GRAPH.known = []")  # as if the statement didn't say ŷ₀ and ŷ₁
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
    assert answer("0.96") == "Chưa đúng, hãy thử lại."
    page.click("#hinted summary")
    assert "·" in page.text_content("#hint")
    page.click("#skip")
    assert page.text_content("#verdict") == "h₁ ≈ −0.96."
    e0, e1 = math.exp(0.72), math.exp(0.96)
    assert answer(f"{e0 / (e0 + e1):.3f}") == "Đúng theo số bạn tìm được trước đó!"
    assert answer("0,2") == "Đúng hướng: hãy viết thêm chữ số."
    assert answer("0.157") == "Đúng!"
    assert page.text_content("#score") == "Đúng 3, sai 1, còn 8 câu."
    while page.evaluate("question() !== undefined"):
        answer(page.evaluate("shown(answer(question(), state))"))
    done = "Hết câu hỏi: trả lời đúng 11 trên 12."
    assert page.text_content("#question") == done
    assert spoken(page) == f"Đúng! {done}"
    assert page.evaluate("document.activeElement.id") == "ask"
    page.click("#ask")
    assert not page.is_visible("#quiz")
    assert page.evaluate("state.step") == 0


def test_a_seed_gives_a_class_the_same_numbers(show):
    given = []
    for size in ((1280, 720), (390, 844)):  # which open with the whole picture, and the folded one
        page = show(live(), "", size=size)
        page.click(".more summary")
        page.fill("#seed", "2024")
        page.click("#ask")
        given.append(page.evaluate("[state.d, quiz.all]"))
    assert given[0] == given[1]
    assert given[0][0] != page.evaluate("ORIGINAL")
    slopes = "GRAPH.leaves.map(({ node }) => state.g[node])"
    for seed in range(40):
        page.evaluate(f"state.d = drawn({seed}, ORIGINAL); recompute()")
        assert 0 not in page.evaluate(slopes)  # no ReLU is off


def test_nothing_of_what_is_asked_can_be_seen(show):
    page = show(live("cau3"))
    page.click('[data-box="1"]')  # R
    page.check("#x1c")
    page.click("#descend")
    page.click("#ask")
    assert page.is_hidden("#details")
    assert page.is_hidden("#fall")
    assert page.is_hidden("#solution")
    for asked in (0, 1, 2):
        assert page.evaluate("question().step") == asked
        for key in ("End", "ArrowRight", "PageDown"):
            page.evaluate("byId('now').focus()")
            page.keyboard.press(key)
            assert page.evaluate("state.step") == asked
        page.focus("#bar")
        page.keyboard.press("End")
        assert page.evaluate("state.step") == asked
        assert page.evaluate("stepsIn('1-9')") == ([*range(1, asked + 1)] or [0])
        assert all(page.is_disabled(f"#{name}") for name in ("next", "last", "descend"))
        page.click('[data-box="1"]')
        assert page.is_hidden("#details")
        assert page.is_disabled("#back") == (asked == 0)
        if asked:
            page.click("#back")  # and on again
            page.click("#next")
        page.fill("#answer", page.evaluate("shown(answer(question(), state))"))
        page.press("#answer", "Enter")
    page.evaluate("byId('speed').selectedOptions[0].value = '40'")
    page.click("#play")
    until(page, "!state.playing")
    assert page.evaluate("state.step") == 3
    page.evaluate("location.hash = '#step=9'")
    until(page, "quiz.at === 0")
    assert page.evaluate("state.step") == 0
    page.click("#ask")
    assert page.is_visible("#solution")
    page.keyboard.press("End")
    assert page.evaluate("state.step === walk.steps.length")


def test_other_numbers_are_asked_for_from_the_beginning(show):
    page = show(live())
    for how in (
        "change(GRAPH.leaves[0].node, 2.5)", "reset()", "location.hash = '#v1=0.5'", "fold()",
    ):  # fmt: skip
        page.evaluate("quiz.on || toggleQuiz()")
        page.fill("#answer", page.evaluate("shown(answer(question(), state))"))
        page.press("#answer", "Enter")
        assert page.evaluate("quiz.at") == 1
        page.evaluate(how)
        until(page, "quiz.at === 0")
        assert page.evaluate("quiz.typed.d.every((x, i) => x === state.d[i])")


def test_who_rounds_on_the_way_from_a_wrong_number_is_right(show):
    page = show(live("cau3"))
    page.evaluate("GRAPH.known = []")
    page.click("#ask")
    said = []
    e0, e1 = math.exp(0.8), math.exp(-0.96)
    p0, p1 = e0 / (e0 + e1), e1 / (e0 + e1)
    given = ["0.8", "−0.96", "0.85", f"{p1:.3f}", "0.18", "0.157", f"{-math.log(p0):.3f}"]
    given += ["−0.15", f"{p1:.4f}", "0.352", "−0.059", "−0.352", "−0.044", "−0.103"]
    for text in given:
        page.fill("#answer", text)
        page.press("#answer", "Enter")
        said.append(page.get_attribute("#verdict", "class"))
        if text == "0.8":
            page.click("#skip")
    follows = "follows"  # −ln of what 0.85 rounds; or of 0.85, or of what is between
    assert said[:7] == ["wrong", "right", follows, follows, "wrong", "wrong", follows]
    assert said[7:] == [follows] * 7


def asked_by(page):
    """Answer all questions, and return what they are."""
    asked = []
    while page.evaluate("question() !== undefined"):
        asked.append(page.evaluate("askedIn(question()).replace('{}', askedFor(question()).text)"))
        page.fill("#answer", page.evaluate("shown(answer(question(), state))"))
        page.press("#answer", "Enter")
        assert page.text_content("#verdict") == "Đúng!"
    return asked


def test_what_the_statement_says_is_not_asked_but_the_sum_over_all_paths_is(show):
    page = show(live("cau3"))
    page.click("#ask")
    asked = asked_by(page)
    assert asked == [
        "Tính h₀", "Tính h₁", "Tính L", "Tính ∂L/∂h₀", "Tính ∂L/∂h₁", "Tính ∂L/∂w₂′",
        "Tính phần của ∂L/∂R đi qua h₁", "Tính ∂L/∂w₂",
        "Tính phần của ∂L/∂R đi qua h₀", "Tính ∂L/∂R",
    ]  # fmt: skip
    assert page.evaluate("spoken(hint(quiz.all.at(-1), known()))") == (
        "∂L/∂R = ∂L/∂h₁·∂h₁/∂R + ∂L/∂h₀·∂h₀/∂R"
    )
    page.evaluate("change(GRAPH.leaves[0].node, 2)")  # other numbers, which it doesn't say
    assert asked_by(page) == [*asked[:2], "Tính ŷ₀", "Tính ŷ₁", *asked[2:]]
