"""Quizzes: read as Moodle's importer reads them, and marked as Moodle marks them.

What is known of Moodle here are facts of its importer (versions 4.2 and 4.5), put into a small
parser of our own.
"""

import base64
import functools
import html
import math
import re
import xml.etree.ElementTree as ET
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import pytest

from micrograd_vn import Value
from micrograd_vn.cli import main
from micrograd_vn.exercises import assign, cau3, cau4, exercise, network, quiz, variants
from micrograd_vn.phrases import LANGUAGES
from tests.sizes import size

COURSE = [cau3, cau4, network]
BY_COURSE = pytest.mark.parametrize("definition", COURSE, ids=lambda d: d.__name__)


@functools.cache
def varied(definition):
    return variants(definition, size(4, 12), seed=7)


@functools.cache
def cloze(definition):
    return quiz(varied(definition))


@functools.cache
def choices(definition):
    return quiz(varied(definition), "multichoice")


# What Moodle reads


class Answer(NamedTuple):
    """One of the answers that a field knows: the first that fits a number is taken."""

    fraction: float
    number: float
    tolerance: float
    feedback: str


def split_where(text, ends, kept_by):
    """Return a text up to the first of some characters, and the rest."""
    for i, c in enumerate(text):
        if c in ends and i and text[i - 1] not in kept_by:
            return text[:i], text[i:]
    raise AssertionError(f"never ends: {text!r}")


def fields(text):
    """Return what stands around the fields of a cloze, and the answers of each field."""
    around, found = [], []
    while match := re.search(r"\{(\d*):([A-Z_]+):", text):
        assert match[2] in ("NUMERICAL", "NM")
        around.append(text[: match.start()])
        text, answers = "~" + text[match.end() :], []
        while text[0] == "~":
            sign = re.match(r"~(?:(=)|%(-?\d+(?:[.,]\d*)?)%)?", text)
            said, text = split_where(text[sign.end() :], "~#}", kept_by="\\&")
            feedback = ""
            if text[0] == "#":
                feedback, text = split_where(text, "~}", kept_by="\\")
                feedback = html.unescape(feedback[1:]).replace("\\}", "}").replace("\\#", "#")
            number, tolerance = re.fullmatch(r"(-?\d+(?:\.\d+)?):(\d+(?:\.\d+)?)", said).groups()
            fraction = 1.0 if sign[1] else float(sign[2] or 0) / 100
            answers.append(Answer(fraction, float(number), float(tolerance), feedback))
        found.append(answers)
        text = text[1:]
    return [*around, text], found


def mark(answers, number):
    """Return the answer that Moodle takes a number for."""
    epsilon = 1e-14
    for answer in answers:
        allowed = answer.tolerance + epsilon * max(answer.tolerance, abs(answer.number))
        if answer.number - allowed <= number <= answer.number + allowed:
            return answer
    return Answer(0.0, math.nan, 0.0, "")


def category_names(path):
    """Return the names in the path of a category, in which a slash is written twice."""
    return [name.strip().replace("//", "/") for name in re.split("(?<!/)/(?!/)", path)]


def questions(made, kind):
    root = ET.fromstring(made.xml.encode())
    assert root.tag == "quiz"
    return root.findall(f"question[@type='{kind}']")


def text_of(element, path):
    (found,) = element.findall(f"{path}/text")
    return found.text


def shown(element, path):
    """Return a text of a question as a page, with its pictures."""
    page = ET.fromstring(f"<div>{text_of(element, path)}</div>")
    pictures = {
        f"@@PLUGINFILE@@{file.get('path')}{file.get('name')}": base64.b64decode(file.text)
        for file in element.findall(f"{path}/file")
    }
    assert {image.get("src") for image in page.iter("img")} == set(pictures)
    return page, pictures


def words(page):
    return "".join(page.itertext())


# What a student calculates, by plain arithmetic


def at_school(x, decimals):
    """Return a number rounded half away from zero, without binary noise."""
    plain = Decimal(f"{x:.12g}")
    return float(plain.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def student(name, givens, keep):
    """Return the numbers that are asked for, with `keep` applied to each on the way."""
    g, n = givens, {}
    if name == "cau4":
        n = {"∂R/∂z₀": 1.0, "∂z₀/∂w₁": g["x"], "∂R/∂w₁": g["x"]}
        return n | {"∂L/∂R": g["∂L/∂w₁"] / g["x"]}
    if name == "network":
        n["z₀"] = keep(g["w₁"] * g["x"] + g["b₁"])
        n["R"] = max(0.0, n["z₀"])
        n["h₀"], n["h₁"] = keep(g["w₂"] * n["R"]), keep(g["w₂′"] * n["R"])
        powers = math.exp(n["h₀"]), math.exp(n["h₁"])
        n["ŷ₀"], n["ŷ₁"] = (keep(p / sum(powers)) for p in powers)
    outputs = [(g | n)[name] for name in ("ŷ₀", "ŷ₁")]
    n["∂L/∂h₀"], n["∂L/∂h₁"] = (keep(p - (i == g["y"])) for i, p in enumerate(outputs))
    n["∂h₀/∂R"], n["∂h₁/∂R"] = g["w₂"], g["w₂′"]
    return n | {"∂L/∂R": n["∂L/∂h₀"] * g["w₂"] + n["∂L/∂h₁"] * g["w₂′"]}


WAYS = {
    "exact": float,
    "4 decimals": lambda x: at_school(x, 4),
    "4 significant": lambda x: float(f"{x:.4g}"),
    "6 decimals": lambda x: at_school(x, 6),
}


@BY_COURSE
@pytest.mark.parametrize("way", WAYS)
def test_right_numbers_get_all_marks_however_they_were_rounded_on_the_way(definition, way):
    for variant, question in zip(
        varied(definition), questions(cloze(definition), "cloze"), strict=True
    ):
        _, found = fields(text_of(question, "questiontext"))
        numbers = student(definition.__name__, variant.givens, WAYS[way])
        for answers, (symbol, x) in zip(found, numbers.items(), strict=True):
            decimals = 2 if symbol == "∂L/∂R" else 4
            for written in (x, at_school(x, decimals), at_school(x, decimals + 1)):
                assert mark(answers, written).fraction == 1, (variant.givens, symbol, written)


@BY_COURSE
def test_numbers_that_are_off_in_a_decimal_that_counts_get_no_mark(definition):
    for variant, question in zip(
        varied(definition), questions(cloze(definition), "cloze"), strict=True
    ):
        _, found = fields(text_of(question, "questiontext"))
        numbers = student(definition.__name__, variant.givens, float)
        for answers, (symbol, x) in zip(found, numbers.items(), strict=True):
            off = 0.011 if symbol == "∂L/∂R" else 0.0021
            assert mark(answers, x + off).fraction == mark(answers, x - off).fraction == 0
            assert mark(answers, -x).fraction == (abs(x) < off / 2)


def test_a_field_names_the_slip_that_a_wrong_number_comes_from():
    variant, question = varied(cau3)[0], questions(cloze(cau3), "cloze")[0]
    _, found = fields(text_of(question, "questiontext"))
    g = variant.givens
    assert g["y"] == 0
    planted = {
        "∂L/∂h₁ = ŷ₀ − y₁": (1, g["ŷ₀"] - 0),
        "∂L/∂h₀ = y₀ − ŷ₀": (0, 1 - g["ŷ₀"]),
        "∂L/∂R = ∂L/∂h₀ · ∂h₀/∂R:": (4, (g["ŷ₀"] - 1) * g["w₂"]),
        "∂L/∂h₁ = y₁ − ŷ₁": (4, (g["ŷ₀"] - 1) * g["w₂"] - g["ŷ₁"] * g["w₂′"]),
    }
    for said, (field, number) in planted.items():
        answer = mark(found[field], number)
        assert (said in answer.feedback, answer.fraction) == (True, 0)


@BY_COURSE
def test_one_option_is_right_and_all_differ(definition):
    made = questions(choices(definition), "multichoice")
    for variant, question in zip(varied(definition), made, strict=True):
        options = {}
        for option in question.findall("answer"):
            number = float(words(ET.fromstring(text_of(option, "."))).replace("−", "-"))
            options.setdefault(number, []).append(float(option.get("fraction")))
        rights = [number for number, fractions in options.items() if fractions == [100]]
        wrong = [number for number, fractions in options.items() if fractions == [0]]
        for way in ("exact", "4 significant"):
            x = student(definition.__name__, variant.givens, WAYS[way])["∂L/∂R"]
            assert rights == [at_school(x, 2)]
        assert 2 <= len(wrong) <= 4
        assert [question.findtext(tag) for tag in ("single", "shuffleanswers")] == ["true"] * 2


def test_wrong_options_are_what_typical_slips_give():
    for variant, question in zip(
        varied(cau4), questions(choices(cau4), "multichoice"), strict=True
    ):
        g, found = variant.givens, {}
        for option in question.findall("answer"):
            number = float(words(ET.fromstring(text_of(option, "."))).replace("−", "-"))
            found[number] = words(ET.fromstring(text_of(option, "feedback")))
        by, x = g["∂L/∂w₁"], g["x"]
        for number in (by / x, by, by * x, x / by, -by / x):
            assert at_school(number, 2) in found
        assert found.pop(at_school(by / x, 2)) == "Đúng."
        assert all(said.startswith("Số này có thể do ") for said in found.values())


@BY_COURSE
def test_a_question_shows_statement_and_picture_and_its_answer_nowhere(definition):
    for variant, question in zip(
        varied(definition), questions(cloze(definition), "cloze"), strict=True
    ):
        around, _ = fields(text_of(question, "questiontext"))
        page, pictures = shown(question, "questiontext")
        statement = ET.fromstring(f"<div>{variant.statement['vi'].to_html()}</div>")
        assert words(page).startswith(words(statement).rstrip())
        visible = [words(ET.fromstring(f"<div>{''.join(around)}</div>"))]
        assert len(pictures) == (definition is not network)
        visible += ["\n".join(ET.fromstring(svg).itertext()) for svg in pictures.values()]
        numbers = {float(x) for text in visible for x in re.findall(r"\d+\.\d+", text)}
        givens = {abs(x) for x in variant.givens.values()}
        assert givens & numbers <= numbers <= givens | {0.25}  # which is how to write one


@BY_COURSE
@pytest.mark.parametrize("kind", ["cloze", "multichoice"])
def test_the_feedback_is_the_solution_with_its_diagram(definition, kind):
    made = (cloze if kind == "cloze" else choices)(definition)
    for variant, question in zip(varied(definition), questions(made, kind), strict=True):
        page, pictures = shown(question, "generalfeedback")
        solution = ET.fromstring(f"<div>{variant.explain().to_html()}</div>")
        assert words(page).startswith(words(solution).rstrip())
        (svg,) = pictures.values()
        assert variant.question in "".join(ET.fromstring(svg).itertext())


def test_each_definition_has_a_category_and_each_variant_a_code_and_a_tag():
    made = quiz([*variants(cau3, 10, seed=7), *varied(cau4)[:2]], category="Chương 2/Bài tập")
    root = ET.fromstring(made.xml.encode())
    read = [
        category_names(text_of(q, "category"))
        if q.get("type") == "category"
        else (text_of(q, "name"), text_of(q, "tags/tag"))
        for q in root
    ]
    above = ["$course$", "top", "Chương 2", "Bài tập"]
    assert read[0] == [*above, "Câu 3"]
    assert read[1:11] == [(f"Câu 3 ({i:02})", "cau3") for i in range(1, 11)]
    assert read[11:] == [[*above, "Câu 4"], ("Câu 4 (1)", "cau4"), ("Câu 4 (2)", "cau4")]


HOSTILE = 'a}b~c#d\\{1:SA:=x}{#1}/"<b>&amp;]]>=%5%'


def hostile():
    @exercise(
        name=dict.fromkeys(LANGUAGES, HOSTILE + "\x07"),
        statement=dict.fromkeys(LANGUAGES, HOSTILE + "\x07 `w = {w}`, `x = {x}`: `∂y/∂w`?"),
        asks="∂y/∂w",
    )
    def bad(w=0.5, x=3.0):
        return ((Value(w, "w") * Value(x, "x")).named(HOSTILE) ** 2).named("y")

    return bad()


def test_names_with_what_moodle_gives_a_meaning_are_words():
    (question,) = questions(quiz([hostile()], category=HOSTILE), "cloze")
    around, found = fields(text_of(question, "questiontext"))
    assert not re.search(r"\{(#\d+|\d*:[A-Z_]+:)", "".join(around))
    page = words(ET.fromstring(f"<div>{''.join(around)}</div>"))
    assert page.count(HOSTILE) >= 2
    assert len(found) == 4
    said = [html.unescape(answer.feedback) for answers in found for answer in answers]
    assert sum(HOSTILE in text for text in said) > 3
    for answers in found:
        for answer in answers:
            assert ET.fromstring(f"<p>{answer.feedback}</p>").text in (
                None,
                html.unescape(answer.feedback),
            )
    assert HOSTILE in words(shown(question, "generalfeedback")[0])
    assert text_of(question, "name") == HOSTILE + "\ufffd (1)"
    root = ET.fromstring(quiz([hostile()]).xml.encode())
    assert category_names(text_of(root, "question/category"))[-1] == HOSTILE + "\ufffd"


def test_only_what_is_asked_for_has_a_field():
    made = quiz(varied(network)[:1], asked=["ŷ₀", "∂L/∂R"])
    (question,) = questions(made, "cloze")
    _, found = fields(text_of(question, "questiontext"))
    numbers = student("network", varied(network)[0].givens, float)
    rights = [answers[0].number for answers in found]
    assert rights == [at_school(numbers["ŷ₀"], 4), at_school(numbers["∂L/∂R"], 2)]


def test_a_decimals_of_the_exercise_are_those_of_the_answer():
    @exercise(
        name=dict.fromkeys(LANGUAGES, "Bài"),
        statement=dict.fromkeys(LANGUAGES, "`y = (w·x)²`, `w = {w}`, `x = {x}`: `∂y/∂w`?"),
        asks="∂y/∂w",
        decimals=0,
    )
    def whole(w=1.23456, x=1000.0):
        return ((Value(w, "w") * Value(x, "x")).named("z") ** 2).named("y")

    (question,) = questions(quiz([whole()]), "cloze")
    _, found = fields(text_of(question, "questiontext"))
    # z = 1234.56, which a solution rounds to 1235: ∂y/∂w = 2·z·x is 2469120 or 2470000.
    assert [mark(found[0], x).fraction for x in (1234.56, 1235, 1233)] == [1, 1, 0]
    assert [mark(found[-1], x).fraction for x in (2469120, 2470000, 2468000)] == [1, 1, 0]


def test_the_same_variants_give_the_same_bytes_and_languages_differ(tmp_path):
    few = varied(cau3)[:2]
    first, again, english = quiz(few), quiz(few), quiz(few, lang="en")
    assert first.xml == again.xml
    assert "By the chain rule" in english.xml
    assert "Theo quy tắc chuỗi" not in english.xml
    first.save(tmp_path / "cau3.xml")
    assert (tmp_path / "cau3.xml").read_bytes() == first.xml.encode()


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="a kind is one of cloze, multichoice; not 'essay'"):
        quiz([cau3()], "essay")
    with pytest.raises(ValueError, match="no 'h₂' to ask for here; the names are: R, h₀"):
        quiz([cau3()], asked=["h₂"])

    @exercise(
        name=dict.fromkeys(LANGUAGES, "Bài"),
        statement=dict.fromkeys(LANGUAGES, "`y = w·x`, `w = {w}`, `x = {x}`: `∂y/∂w`?"),
        asks="∂y/∂w",
        decimals=0,
    )
    def plain(w=0.3, x=0.2):
        return (Value(w, "w") * Value(x, "x")).named("y")

    with pytest.raises(ValueError, match="too few mistakes change the answer of Bài"):
        quiz([plain()], "multichoice")


def command(capsys, *arguments):
    main(["quiz", *map(str, arguments)])
    return capsys.readouterr().out


def test_the_command_writes_the_variants_of_a_set_under_their_codes(tmp_path, capsys):
    said = command(capsys, "cau3", "cau4", "--count", 3, "--seed", 7, "--out", tmp_path)
    assert said.splitlines() == [
        "Câu 3, Câu 4: 3 đề, mã từ S7-001 đến S7-003",
        f"Câu hỏi cho Moodle: {tmp_path / 'quiz.xml'}",
    ]
    root = ET.parse(tmp_path / "quiz.xml").getroot()
    names = [text_of(q, "name") for q in root.findall("question[name]")]
    assert names == [f"Câu {n} (S7-00{i})" for n in (3, 4) for i in (1, 2, 3)]
    assert category_names(text_of(root[0], "category"))[2:] == ["Câu 3, Câu 4", "Câu 3"]
    drawn = [
        word
        for q in root.findall("question[name]")
        for word in fields(text_of(q, "questiontext"))[1]
    ]
    assert [x[0].number for x in drawn[4:15:5]] == [v.rounded for v in variants(cau3, 3, seed=7)]


def test_the_command_makes_the_quiz_of_a_set_that_was_handed_out(tmp_path, capsys):
    homework = assign({"cau4": cau4}, 2, seed=3, lang="en")
    (tmp_path / "manifest.json").write_text(homework.manifest(tmp_path), "utf-8")
    command(
        capsys, "--manifest", tmp_path / "manifest.json", "--kind", "multichoice",
        "--category", "Week 1", "--out", tmp_path / "new",
    )  # fmt: skip
    root = ET.parse(tmp_path / "new" / "quiz.xml").getroot()
    assert category_names(text_of(root[0], "category"))[2:] == ["Week 1", "Câu 4"]
    made = root.findall("question[@type='multichoice']")
    rights = [
        float(
            words(ET.fromstring(text_of(q.find("answer[@fraction='100']"), "."))).replace("−", "-")
        )
        for q in made
    ]
    assert rights == [v.exercises["cau4"].rounded for v in homework.variants]


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    for arguments in (["cau9"], ["cau3", "--kind", "essay"], ["cau3", "--sheet"]):
        with pytest.raises(SystemExit):
            command(capsys, *arguments, "--count", 1, "--out", tmp_path)
    assert not list(tmp_path.iterdir())
