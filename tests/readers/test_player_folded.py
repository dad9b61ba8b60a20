"""Folded live pages: steps from name to name, in the formulas and numbers of the outline."""

from micrograd_vn import Value, play, relu, sigmoid, topological_order
from micrograd_vn.ops import softplus
from micrograd_vn.readers.player.named import outline_of, parts
from tests.readers.live import live, needs_chromium, sentence, until

pytestmark = needs_chromium


def test_each_step_is_a_value_with_a_name(show):
    page = show(live(), "#folded=1")
    said = []
    for _ in range(page.evaluate("walk.steps.length")):
        page.keyboard.press("PageDown")
        said.append(sentence(page))
    assert said[0] == "Lan truyền tiến; z₀ = w₁·x + b₁ = 0.8·3.0 + 0.0 = 2.4"
    assert said[6] == (
        "Lan truyền tiến; L = −(y₀·ln(ŷ₀) + y₁·ln(ŷ₁)) ≈ −(1·ln(0.8429) + 0·ln(0.1571)) ≈ 0.1709"
    )
    assert said[8] == "Lan truyền ngược; ∂L/∂h₀ = ŷ₀ − y₀ ≈ −0.1571; ∂L/∂h₁ = ŷ₁ − y₁ ≈ 0.1571"
    assert "∂L/∂R ≈ −0.06284 + (−0.04713) ≈ −0.11" in said[10]
    assert "∂L/∂w₁ = ∂L/∂z₀·∂z₀/∂w₁ ≈ (−0.11)·3.0 ≈ −0.3299; ∂z₀/∂w₁ = x = 3.0" in said[12]
    page.click('svg:not([hidden]) [data-box="5"]')  # z₀
    assert "∂L∂z0=∂L∂R·∂R∂z0" in page.text_content("#chain")


def test_what_is_at_work_stands_out(show):
    page = show(live(), "#folded=1")
    working = "[...picture.svg.querySelectorAll('.working, .found')].map((g) => g.textContent)"
    page.evaluate("go(6)")  # ŷ₁, which comes out of a block with ŷ₀ and L
    texts = " ".join(page.evaluate(working))
    assert "softmax +" in texts
    assert "ŷ₁" in texts
    assert "ŷ₀" not in texts
    assert page.locator("#picture svg:not([hidden]) .edge.working").count() == 3


def test_folding_stays_at_the_same_value_and_is_kept_in_the_link(show):
    page = show(live(), "#folded=1")
    page.evaluate("go(3)")  # h₀
    page.click("#fold")
    now = "nameOf(walk.steps[state.step - 1].node).text"
    assert page.evaluate(now) == "h₀"
    assert page.evaluate("[walk === WHOLE, walk.steps.length]") == [True, 15]
    page.evaluate("go(1)")  # w₁·x, which has no name
    page.click("#fold")
    assert page.evaluate(now) == "z₀"
    until(page, "location.hash.includes('folded=1') && location.hash.includes('step=1')")
    page.reload()
    assert page.evaluate("[picture.folded, state.step]") == [True, 1]
    page.keyboard.press("End")
    page.click("#fold")
    assert page.evaluate("state.step === walk.steps.length")
    page.keyboard.press("Home")
    page.click("#fold")
    assert page.evaluate("state.step") == 0


def test_questions_ask_for_values_with_a_name(show):
    page = show(live(), "#folded=1")
    page.click("#ask")
    asked = []
    while page.evaluate("question() !== undefined"):
        asked.append(page.evaluate("askedFor(question()).text"))
        page.fill("#answer", page.evaluate("shown(answer(question(), state))"))
        page.press("#answer", "Enter")
        assert page.text_content("#verdict") == "Đúng!"
    assert asked[:8] == ["z₀", "R", "h₀", "h₁", "ŷ₀", "ŷ₁", "L", "∂L/∂h₀"]
    assert page.text_content("#question") == "Hết câu hỏi: trả lời đúng 18 trên 18."
    page.click("#fold")  # begins anew, with the questions of all operations
    assert page.evaluate("[quiz.on, quiz.at, quiz.all.length]") == [True, 0, 20]


def test_a_wrong_number_is_followed_from_name_to_name(show):
    page = show(live(), "#folded=1")
    page.click("#ask")
    page.fill("#answer", "3")  # z₀ is 2.4
    page.press("#answer", "Enter")
    page.click("#skip")
    page.fill("#answer", "3")
    page.press("#answer", "Enter")
    assert page.text_content("#verdict") == "Đúng theo số bạn tìm được trước đó!"


def test_what_has_no_name_is_called_as_in_the_picture(show):
    x, w = Value(0.5, "x"), Value(2.0, "w")
    long = w * x * x * x * w * w * x + x * x * w * w + w * x * x
    page = show(play(relu(long * x * x * w * w) * 3.0), "#folded=1")
    page.keyboard.press("End")
    boxes = page.locator("#picture svg:not([hidden]) .box").all_text_contents()
    assert any("u₁ = " in text and "∂f/∂u₁ = " in text for text in boxes)
    assert page.evaluate("nameOf(ROOT).text") == "f"
    page.click("#fold")
    assert page.evaluate("nameOf(ROOT).text") != "f"


def test_an_operation_that_is_undefined_inside_is_named(show):
    x = Value(2.0, "x")
    page = show(play((x.log() * 2 + 1).named("L")), "#folded=1")
    page.fill("#x0", "-1")
    page.press("#x0", "Enter")
    page.evaluate("go(1)")
    assert sentence(page).endswith("(không tính được ln(−1.0))")


def test_values_of_one_size_are_told_apart():
    """The derivative of softplus(a) is g = σ(a), here as large as a."""
    x = 0.6
    for _ in range(200):
        x = sigmoid(Value(x)).data
    a = (Value(x, "x") * 1.0).named("a")
    g = sigmoid(a).named("g")
    y = (softplus(a) * 1.0).named("y")
    assert g.data == a.data
    made = parts(outline_of(topological_order(y, g), [y, g]))
    assert [*map(id, made[y].operands)] == [id(a), id(g)]
