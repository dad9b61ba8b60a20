"""Live pages in a real browser: questions."""

import math

from tests.readers.live import box, live, needs_chromium, spoken

pytestmark = needs_chromium


def test_questions_are_judged_and_follow_from_a_wrong_number(show):
    page = show(live("cau3"))
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
    assert page.text_content("#score") == "Đúng 3, sai 1, còn 7 câu."
    while page.evaluate("question() !== undefined"):
        answer(page.evaluate("shown(answer(question(), state))"))
    done = "Hết câu hỏi: trả lời đúng 10 trên 11."
    assert page.text_content("#question") == done
    assert spoken(page) == f"Đúng! {done}"
    assert page.evaluate("document.activeElement.id") == "ask"
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
