"""Checking: each step judged from the student's own numbers; students here do plain arithmetic."""

import itertools
import json
import math
from html.parser import HTMLParser

import pytest

from micrograd_vn.exercises import cau3, cau4, check, network, variants
from micrograd_vn.exercises.diagnosis import Explanation
from micrograd_vn.phrases import LANGUAGES
from tests.exercises.shapes import neuron, shared_weight

MISTAKEN = "∂L/∂h₀ = −0,1571; ∂L/∂h₁ = 0.8429; ∂L/∂R = −0.3843"


def verdicts(report):
    return {step.symbol: step.verdict for step in report.steps if step.answer is not None}


def student(givens, digits, slip=None, by=0.0):
    """Return all numbers of `network` as a student writes them, with a slip at one."""
    g, n = givens, {}

    def write(name, x):
        n[name] = float(f"{x + (by if name == slip else 0):.{digits}g}")

    write("z₀", g["w₁"] * g["x"] + g["b₁"])
    write("R", max(0.0, n["z₀"]))
    write("h₀", g["w₂"] * n["R"])
    write("h₁", g["w₂′"] * n["R"])
    powers = math.exp(n["h₀"]), math.exp(n["h₁"])
    write("ŷ₀", powers[0] / sum(powers))
    write("ŷ₁", powers[1] / sum(powers))
    write("∂L/∂h₀", n["ŷ₀"] - (g["y"] == 0))
    write("∂L/∂h₁", n["ŷ₁"] - (g["y"] == 1))
    write("∂h₀/∂R", g["w₂"])
    write("∂h₁/∂R", g["w₂′"])
    write("∂L/∂R", n["∂L/∂h₀"] * n["∂h₀/∂R"] + n["∂L/∂h₁"] * n["∂h₁/∂R"])
    return n


QUANTITIES = list(student(network().givens, 4))
MADE = variants(network, 40, seed=11)


@pytest.mark.parametrize("digits", [4, 5, 8])
def test_right_answers_rounded_on_the_way_are_all_right(digits):
    for variant in MADE:
        report = check(variant, student(variant.givens, digits))
        assert set(verdicts(report).values()) == {"right"}, variant.givens
        assert (report.first_wrong, report.marks, report.most) == (None, 11, 11)


@pytest.mark.parametrize("slip", QUANTITIES)
def test_a_slip_is_found_where_it_is_and_what_follows_from_it_is_not_wrong(slip):
    for variant in MADE:
        report = check(variant, student(variant.givens, 4, slip, by=0.23))
        found = verdicts(report)
        assert report.first_wrong == slip
        assert [s for s, verdict in found.items() if verdict == "wrong"] == [slip]
        earlier = QUANTITIES[: QUANTITIES.index(slip)]
        assert {found[s] for s in earlier} <= {"right"}
        assert (report.marks, report.most) == (10, 11)


@pytest.mark.parametrize("definition", [cau3, cau4, network], ids=lambda d: d.__name__)
def test_the_answer_alone_as_the_solution_has_it_earns_all_marks(definition):
    for variant in variants(definition, 30, seed=3):
        for answer in (variant.answer, variant.rounded, float(f"{variant.answer:.4f}")):
            report = check(variant, {variant.question: answer})
            assert verdicts(report) == {variant.question: "right"}
            assert report.marks == report.most


def test_a_wrong_number_is_followed_through():
    report = check(cau3(), MISTAKEN)
    assert verdicts(report) == {"∂L/∂h₀": "right", "∂L/∂h₁": "wrong", "∂L/∂R": "follows"}
    assert report.first_wrong == "∂L/∂h₁"
    assert (report.marks, report.most) == (4, 5)


def test_a_step_left_out_after_a_wrong_one_is_computed_from_it():
    # z₀ = −2.4, so R = 0, which is not written down, and h₀ = 0.
    report = check(network(), {"z₀": -2.4, "h₀": 0, "h₁": 0.72})
    assert verdicts(report) == {"z₀": "wrong", "h₀": "follows", "h₁": "wrong"}


def test_steps_left_out_earn_marks_by_those_computed_from_them_only():
    assert check(cau3(), {}).marks == 0
    assert check(cau3(), {"∂L/∂h₀": -0.1571}).marks == 1
    assert check(cau3(), {"∂L/∂R": -0.3}).marks == 0
    assert check(network(), {"ŷ₀": 0.8429}).marks == 5  # with z₀, R, h₀ and h₁


def test_what_the_answer_does_not_need_is_judged_without_a_mark():
    report = check(cau3(), "R = 2.4; L = 9")
    assert verdicts(report) == {"R": "right", "L": "wrong"}
    assert (report.marks, report.most) == (0, 5)


def test_a_number_copied_wrongly_is_named_and_followed_through():
    report = check(cau3(), "w₂ = −0.3; ∂h₀/∂R = −0.3; ∂L/∂R = −0.0157", lang="en")
    assert verdicts(report) == {"w₂": "wrong", "∂h₀/∂R": "follows", "∂L/∂R": "follows"}
    assert "w₂ = −0.3: copied wrongly, it is given as 0.3" in str(report)
    for x in (3, 3.0):
        said = str(check(cau4(x=x), "x = 4", lang="en"))
        assert f"x = 4: copied wrongly, it is given as {x}\n" in said


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("-0.11", "right"), ("−0,11", "right"), ("– 0.11", "right"), ("-0.10997", "right"),
        ("-0.1100", "right"), ("-0.110", "right"), ("-11/100", "right"), ("-1/9", "wrong"),
        ("-0.1", "wrong"), ("-0.109", "wrong"), ("-0.1098", "wrong"), ("0.11", "wrong"),
        ("-0.12", "wrong"), ("-1.1e-1", "right"), ("-10997/100000", "right"),
    ],
)  # fmt: skip
def test_a_number_is_judged_to_its_own_digits_and_at_least_the_exercise_s(said, verdict):
    assert verdicts(check(cau3(), {"∂L/∂R": said})) == {"∂L/∂R": verdict}


@pytest.mark.parametrize("name", ["∂L/∂h₀", "∂L/∂h0", "dL/dh0", "dL / dh₀"])
def test_a_quantity_may_be_typed_on_any_keyboard(name):
    assert verdicts(check(cau3(), {name: -0.1571})) == {"∂L/∂h₀": "right"}


def test_a_line_may_show_how_the_number_came():
    report = check(cau3(), "∂L/∂h₀ = ŷ₀ − y₀ = 0.8429 − 1 = −0.1571\n∂L/∂R ≈ −0.11;")
    assert verdicts(report) == {"∂L/∂h₀": "right", "∂L/∂R": "right"}


def test_a_comma_before_a_name_separates_answers():
    report = check(cau3(), "dL/dh1 = 0,1571, dL/dR=-0,11, ∂L/∂h₀ = −0,1571")
    found = {"∂L/∂h₀": "right", "∂L/∂h₁": "right", "∂L/∂R": "right"}
    assert verdicts(report) == found


def test_a_number_alone_is_the_answer():
    assert verdicts(check(cau3(), "≈ −0,11")) == {"∂L/∂R": "right"}
    assert verdicts(check(cau3(), "−0,11")) == {"∂L/∂R": "right"}
    assert verdicts(check(cau3(), "dL/dR = -0.11.")) == {"∂L/∂R": "right"}
    assert verdicts(check(cau3(), "dL/dh_0 = -0.1571; .5")) == {"∂L/∂h₀": "right", "∂L/∂R": "wrong"}


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("q = 1", "there is no 'q' here; the names are: x, w₂, w₂′, "),
        ("R = 2.4; R = 2.4", "R is answered twice"),
        ({"h0": 1, "h₀": 1}, "h₀ is answered twice"),
        ("R", "'R' is not 'quantity = number'"),
        ("= 1", "'= 1' is not 'quantity = number'"),
        ({"R": math.nan}, "R = nan: not a number"),
        ({"R": True}, "R = True: not a number"),
        *[
            (f"R = {said}", f"R = ' {said}': not a number")
            for said in (
                "hai", "inf", "1/0", "1/2/3", "1.234,5", "1e999999999", "1e-999999999",
                "0e-9999999", "1e99999999999999999999", "9**9**9", "9" * 50, "exit()",
            )
        ],
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_that_says_why(answers, message):
    with pytest.raises(ValueError, match="check: ") as error:
        check(cau3(), answers)
    assert message in str(error.value)


def test_numbers_outside_of_a_domain_leave_what_follows_to_be_wrong():
    report = check(cau3(), "ŷ₁ = −1; R = 1; ∂L/∂R = −0.11", lang="en")
    assert verdicts(report) == {"ŷ₁": "wrong", "R": "wrong", "∂L/∂R": "right"}
    assert json.loads(report.to_json())["steps"][1]["own"] is None
    said = "R = 1: wrong; from the numbers before it, ln(ŷ₀/ŷ₁)/(w₂ − w₂′) cannot be computed"
    assert said in str(report)


def test_the_report_in_both_languages():
    assert str(check(cau3(), MISTAKEN)) == (
        "• ∂L/∂h₀ = −0.1571: đúng\n\n"
        "• ∂L/∂h₁ = 0.8429: sai; từ dữ kiện: ŷ₁ − y₁ = 0.1571"
        ". Số đã viết là ŷ₀ − y₁ = 0.8429 − 0 = 0.8429: lấy ŷ₀ thay vì ŷ₁ (nhầm lớp)\n\n"
        "• ∂L/∂R = −0.3843: cách tính đúng, nhưng dùng kết quả sai ở bước trước\n\n"
        "Không ghi, vẫn được điểm nhờ bước sau: ∂h₀/∂R, ∂h₁/∂R\n\n"
        "Bước sai đầu tiên: ∂L/∂h₁\n\n"
        "Điểm: 4/5\n"
    )
    assert str(check(cau4(), {"∂L/∂R": "-0,9897"}, lang="en")) == (
        "• ∂L/∂R = −0.9897: wrong; it should be (∂L/∂w₁)/(∂R/∂w₁) ≈ −0.10997"
        ". The number written is ∂L/∂w₁ · ∂R/∂w₁ = (−0.3299)·3 = −0.9897: "
        "∂L/∂w₁ is multiplied by ∂R/∂w₁ instead of divided\n\n"
        "Not given: ∂R/∂z₀, ∂z₀/∂w₁, ∂R/∂w₁\n\n"
        "First wrong step: ∂L/∂R\n\n"
        "Marks: 0 of 4\n"
    )


def test_a_number_that_no_slip_gives_is_not_explained():
    said = {"vi": "−0.10997. Không có lỗi đơn lẻ nào cho ra số này.\n",
            "en": "−0.10997. No single slip gives this number.\n"}  # fmt: skip
    for lang, text in said.items():
        assert text in str(check(cau3(), "∂L/∂R = −0.5", lang=lang))


@pytest.mark.parametrize(("answer", "shown"), [("7.8", 5), ("7.7777", 5), ("7.7777777", 8)])
def test_a_correction_has_the_digits_of_the_answer(answer, shown):
    loss = -math.log(0.8429)
    assert f" ≈ {loss:.{shown}f}. " in str(check(cau3(), f"L = {answer}", lang="en"))


def test_a_correction_uses_the_students_own_numbers():
    report = check(network(), {"h₀": 0.5, "h₁": 0.5, "ŷ₀": 0.7}, lang="en")
    assert "ŷ₀ = 0.7: wrong; from the numbers before it: " in str(report)
    assert " = 0.5. " in str(report).split("ŷ₀ = 0.7")[1].splitlines()[0]


def test_the_report_as_json():
    said = json.loads(check(cau3(), MISTAKEN).to_json())
    assert (said["first_wrong"], said["marks"], said["most"]) == ("∂L/∂h₁", 4, 5)
    assert {
        "symbol": "∂L/∂h₁", "verdict": "wrong", "answer": "0.8429", "own": 0.1571,
        "exact": 0.1571, "mark": False, "points": 1, "few_digits": False,
        "slips": [{"name": "other class", "at": "∂L/∂h₁", "formula": "ŷ₀ − y₁", "chance": 0.00015}],
    } in said["steps"]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_as_html_is_well_formed(lang):
    open_ = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            open_.append(tag)

        def handle_endtag(self, tag):
            assert open_.pop() == tag

    Tags().feed(check(cau3(), MISTAKEN, lang=lang).to_html())
    assert open_ == []


def test_rounding_on_the_way_is_no_more_than_the_digits_given_explain():
    # 4 digits of h would give 0.02500; the student gave more, and has 0.024995.
    exercise = shared_weight(w=0.05, x=0.5, t=0.1)
    assert verdicts(check(exercise, "z = 0.025; h = 0.024995; ∂o/∂w|h = 0.024995")) == {
        "z": "right", "h": "right", "∂o/∂w|h": "right",
    }  # fmt: skip
    report = check(exercise, "z = 0.025; h = 0.024995; ∂o/∂w|h = 0.025000")
    assert report.first_wrong == "∂o/∂w|h"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("1.0740", "right"), ("1.0741", "right"), ("1.0739", "wrong"), ("1.0742", "wrong")],
)
def test_a_step_left_out_is_as_calculated_or_as_rounded_and_nothing_beyond(said, verdict):
    # h = tanh(0.6) = 0.53705 is 0.5370 to four decimals, so o = 2·h is 1.0741 or 1.0740
    report = check(shared_weight(w=2.0, x=0.3, t=0.1), {"o": said})
    assert verdicts(report)["o"] == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("-0.112", "right"), ("-0.10997", "right"), ("-0.1155", "wrong"), ("-0.1050", "wrong")],
)
def test_one_may_go_on_with_a_number_as_written_or_as_calculated(said, verdict):
    report = check(cau3(), {"∂L/∂h₀": "-0.16", "∂L/∂h₁": "0.16", "∂L/∂R": said})
    assert verdicts(report)["∂L/∂R"] == verdict


def test_a_wrong_number_may_be_gone_on_with_as_calculated():
    report = check(cau3(), "∂L/∂h₁ = 0.84; ∂L/∂R = -0.3843")  # −0.38313 from 0.84 itself
    assert verdicts(report) == {"∂L/∂h₁": "wrong", "∂L/∂R": "follows"}


def test_a_large_number_on_the_way_counts_to_the_digits_that_the_solution_shows():
    # z₀ = 3·41.13 = 123.39; the solution writes 123.4, and the exercise asks for two decimals
    report = check(network(w1=41.13, x=3.0, b1=0.0, w2=0.01, w2_prime=0.01), "z₀ = 123.4; R = 123")
    assert verdicts(report) == {"z₀": "right", "R": "wrong"}


def test_a_number_with_too_few_decimals_says_so_and_guesses_no_slip():
    report = check(neuron(), "∂L/∂w = −0,19", lang="vi")
    assert "∂L/∂w = −0.19: thiếu chữ số; cần 3 chữ số thập phân" in str(report)
    assert "hỏng đoán" not in str(report)
    report = check(neuron(), "ŷ = 0.6; ∂L/∂w = −0.2; z = 1.2", lang="en")
    assert "∂L/∂w = −0.2: too few digits; decimals needed: 3" in str(report)
    assert (report.marks, verdicts(report)["∂L/∂w"]) == (0, "wrong")
    (step,) = (s for s in report.steps if s.symbol == "∂L/∂w")
    assert step.slips == []
    for wrong in ("∂L/∂w = −0.18", "∂L/∂w = 0.19", "∂L/∂w = −0.188"):
        assert "too few" not in str(check(neuron(), wrong, lang="en"))


def test_what_would_be_printed_alike_is_printed_once(monkeypatch):
    at, n = Explanation._at_the_step, itertools.count()
    monkeypatch.setattr(Explanation, "_at_the_step", lambda self: [*at(self), *at(self)])
    monkeypatch.setattr(Explanation, "_in_the_end", lambda self, found: (str(next(n)),))
    (step,) = (s for s in check(cau3(), "∂L/∂h₁ = 0.84").steps if s.answer is not None)
    assert len({d.printed for d in step.slips}) == len(step.slips) >= 1
