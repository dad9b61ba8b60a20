"""A class: what students write may be anything, and each gets the report that is theirs."""

import csv
import io
import json
import re
import time
from html.parser import HTMLParser

import pytest

from micrograd_vn.cli import main
from micrograd_vn.exercises import assign, cau3, cau4, check, check_class
from micrograd_vn.exercises.answer_table import read_table
from micrograd_vn.phrases import LANGUAGES, BilingualError
from tests.sizes import size

RIGHT = {"∂L/∂h₀": "−0,1571", "∂L/∂h₁": "0,1571", "∂L/∂R": "−0,11"}
SLIPPED = {"∂L/∂h₀": "-0.1571", "∂L/∂h₁": "0.8429", "∂L/∂R": "-0.3843"}
HOSTILE = [
    '=HYPERLINK("http://x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1",
    "<script>alert(1)</script>", "../../etc/passwd", "a\x00b", "‮abc", "$x$ \\input{x}", "🎓" * 50,
    '"; DROP TABLE', "{x} {0} {}", "%s %d",
]  # fmt: skip


def rows(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.open = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def test_each_student_gets_the_report_of_their_answers():
    made = check_class(cau3(), [{"name": "An", **RIGHT}, {"name": "Bình", **SLIPPED}], lang="vi")
    for entry, answers in zip(made.entries, (RIGHT, SLIPPED), strict=True):
        assert str(entry.report) == str(check(cau3(), answers, lang="vi"))
    assert [(m.symbol, m.slip, m.times) for m in made.mistakes] == [("∂L/∂h₁", "other class", 1)]
    assert str(made) == (
        "2 học viên, điểm trung bình 4.5 trên 5\n1 × ∂L/∂h₁: lấy ŷ₀ thay vì ŷ₁ (nhầm lớp)"
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_may_come_from_any_spreadsheet(separator, encoding, end, tmp_path):
    lines = [["STT", "Họ và tên", "∂L/∂h0", "dL/dR"], ["1", "Lê An", '"−0,1571"', '"-0,11"']]
    path = tmp_path / "lớp.csv"
    path.write_bytes(end.join(separator.join(line) for line in lines).encode(encoding))
    (entry,) = check_class(cau3(), path).entries
    assert (entry.name, entry.report.marks, entry.report.unread) == ("Lê An", 5, [])


def test_a_column_may_have_whole_answers_and_others_are_named_as_unused(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text(
        'first name,last name,bài làm,dL/dQ\nAn,Lê,"∂L/∂R = −0,11; R = 2.4",7\n', "utf-8"
    )
    made = check_class(cau3(), path, lang="en")
    verdicts = {s.symbol: s.verdict for s in made.entries[0].report.steps}
    assert (verdicts["∂L/∂R"], verdicts["R"]) == ("right", "right")
    assert made.unused == ["dL/dQ"]
    assert "Columns that are not used: dL/dQ" in str(made)


def test_an_answer_of_any_length_stops_no_other(tmp_path):
    path = tmp_path / "class.csv"
    lines = ["name,dL/dR", f"An,{'9' * 200_000}", "Bình,-0.11", 'C,"x\x00""y"']
    path.write_text("\n".join(lines), "utf-8")
    entries = check_class(cau3(), path, lang="en").entries
    assert [entry.report.marks for entry in entries] == [0, 5, 0]
    assert [len(entry.report.unread) for entry in entries] == [1, 0, 1]


def test_columns_of_another_exercise_are_left_out():
    table = [{"name": "An", "cau3: ∂L/∂R": "1", "cau4: ∂L/∂R": "2", "R": "3"}]
    assert read_table(table, "cau3")[0].answers == {"∂L/∂R": "1", "R": "3"}
    assert read_table(table, "cau4")[0].answers == {"∂L/∂R": "2", "R": "3"}


@pytest.mark.parametrize("text", ["", "\n\n", "name;dL/dR\n"])
def test_a_table_without_answers_is_an_error(text, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"empty\.csv: there are no answers"):
        check_class(cau3(), path)


@pytest.mark.parametrize(
    ("table", "vi", "en"),
    [
        ("name,dL/dQ\nAn,1\n", "không có cột nào", "no column for this exercise"),
        ("name,cau4: dL/dR\nAn,1\n", "không có câu trả lời nào", "no answer to this exercise"),
        ("name,dL/dR\nAn,\n", "không có câu trả lời nào", "no answer to this exercise"),
    ],
)
def test_a_table_without_an_answer_to_the_exercise_is_an_error(table, vi, en, tmp_path):
    path = tmp_path / "class.csv"
    path.write_text(table, "utf-8")
    with pytest.raises(BilingualError) as stopped:
        check_class(cau3(), path, exercise="cau3")
    for lang, said in {"vi": vi, "en": en}.items():
        assert said in stopped.value.text[lang]
        assert "∂L/∂h₀" in stopped.value.text[lang]
        assert ("dL/dQ" in stopped.value.text[lang]) == ("dQ" in table)


def test_what_is_not_readable_counts_and_the_summary_says_so():
    table = [
        {"code": "S7-001", "R = 1": "", "answers": "dL/dR = hai"},
        {"code": "S7-002", "answers": f"dL/dR = {SET.variants[1].exercises['cau3'].rounded}."},
        {"code": "?", "answers": "1"},
    ]
    lines = str(check_class(SET, table, exercise="cau3", lang="en")).splitlines()
    assert lines[:3] == [
        "3 students, 2.5 of 5 on average",
        "Students with an unreadable answer (counted in the average): 1",
        "Students not marked (not counted in the average): 1",
    ]


def test_too_few_digits_are_a_known_cause():
    made = check_class(cau4(), [{"name": "Lê An", "dL/dR": "-0.1"}], lang="en")
    assert made.mistakes == [("∂L/∂R", "few digits", "too few digits", 1)]
    assert rows(made.to_csv())[1][-2] == "too few digits"


def test_a_name_of_any_length_takes_a_line_of_the_summary():
    made = check_class(cau3(), [{"name": "An " * 40, "dL/dR": "hai"}], lang="en")
    assert str(made).splitlines()[-1].startswith(f"{'An ' * 13}…: ∂L/∂R = 'hai'".replace(" …", "…"))
    assert rows(made.to_csv())[1][0] == ("An " * 40).strip()


BAD = [
    "hai", "=1+1", "1/0", "nan", "inf", "9**9**9", "1e999999", "__import__('os')", "<b>1</b>",
    "1.2.3", "--1", "\x00", "9" * 10_000, "٣", "−", "1,2,3", "$1$", "∂L/∂R",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_answer_is_reported_for_that_student_and_stops_no_other(bad):
    table = [{"name": "An", **RIGHT}, {"name": "B", **RIGHT, "∂L/∂R": bad}, {"name": "C", **RIGHT}]
    first, second, third = check_class(cau3(), table, lang="en").entries
    assert (first.report.marks, third.report.marks) == (5, 5)
    if bad == "٣":  # which is a 3
        assert second.report.first_wrong == "∂L/∂R"
        return
    (error,) = second.report.unread
    assert str(error).startswith("check: ∂L/∂R = ")
    assert "Not readable: ∂L/∂R = " in str(second.report)
    assert second.report.marks == 2
    assert len(str(second.report)) < 600


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_everywhere(name):
    made = check_class(cau3(), [{"name": name, **SLIPPED}], lang="en")
    (_, row) = rows(made.to_csv())
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert json.loads(made.to_json())["students"][0]["name"] == made.entries[0].name
    page = Page(made.to_html())
    assert page.open == []
    assert "script" not in [tag for tag, _ in page.tags]
    assert made.entries[0].name in page.words
    (policy,) = (a["content"] for _, a in page.tags if "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_numbers_in_the_table_stay_numbers_and_texts_stay_texts():
    made = check_class(
        cau3(), [{"name": "-5", "∂L/∂R": "=1+1", "R": "1"}], lang="en", marks={"R": 0.5}
    )
    header, row = rows(made.to_csv())
    found = dict(zip(header, row, strict=True))
    assert (found["Name"], found["Marks"], found["Of"]) == ("'-5", "0", "0.5")
    assert found["Remarks"] == "∂L/∂R = '=1+1': not a number"
    assert made.to_csv().startswith("\ufeff")


def test_hundreds_of_students_in_some_seconds():
    n = size(250, 1000)
    table = [
        {
            "name": f"{i}",
            "∂L/∂h₀": f"{-0.1571 - (i % 7) / 100:.4f}",
            "∂L/∂R": f"{(i % 500) / 777:.4f}",
        }
        for i in range(n)
    ]
    start = time.process_time()
    made = check_class(cau3(), table)
    assert len(made.entries) == n
    assert time.process_time() - start < n / 100


def test_the_commonest_mistake_is_first_and_each_student_counts_once():
    path = {**RIGHT, "∂h₀/∂R": "0.3", "∂h₁/∂R": "-0.4", "∂L/∂R": "-0.04713"}
    made = check_class(
        cau3(), [{"name": "A", **SLIPPED}, {"name": "B", **path}, {"name": "C", **path}]
    )
    assert [(m.symbol, m.slip, m.times) for m in made.mistakes] == [
        ("∂L/∂R", "path forgotten", 2), ("∂L/∂h₁", "other class", 1),
    ]  # fmt: skip


def test_a_scheme_says_what_earns_points():
    scheme = {"dL/dh0": 1, "∂L/∂R": 2.5, "R": 0.5}
    report = check(cau3(), {**SLIPPED, "R": 2.4}, marks=scheme)
    assert (report.marks, report.most) == (4, 4)
    assert check(cau3(), {"∂L/∂R": -0.3}, marks=scheme).marks == 0
    assert check(cau3(), {"∂L/∂h₀": -0.1571}, marks=scheme).marks == 1
    for bad, said in (({"Q": 1}, "there is no 'Q'"), ({"R": -1}, "R = -1: points are")):
        with pytest.raises(ValueError, match=said):
            check(cau3(), {}, marks=bad)


SET = assign({"cau3": cau3, "cau4": cau4}, students=["Lê An", "Trần Bình"], seed=7)


def test_in_a_set_each_is_judged_by_their_variant():
    answers = [v.exercises["cau4"].rounded for v in SET.variants]
    table = [
        {"code": "s7-002", "cau4: ∂L/∂R": answers[1]},
        {"name": "Lê An", "cau4: ∂L/∂R": answers[0]},
        {"name": "Trần Bình", "cau4: ∂L/∂R": answers[0]},
        {"name": "Người lạ", "cau4: ∂L/∂R": answers[0]},
    ]
    made = check_class(SET, table, exercise="cau4", lang="en")
    assert [e.code for e in made.entries] == ["S7-002", "S7-001", "S7-002", ""]
    marks = [e.report and (e.report.marks, e.report.most) for e in made.entries]
    assert marks == [(4, 4), (4, 4), (0, 4), None]
    assert "no variant of “Người lạ”" in made.entries[3].problem
    assert "no variant of “Người lạ”" in made.to_html()
    assert made.absent == []
    with pytest.raises(ValueError, match="no exercise 'cau5'"):
        check_class(SET, table, exercise="cau5")
    fewer = check_class(SET, table[:1], exercise="cau4", lang="en")
    assert str(fewer).endswith("\nNothing handed in (not counted in the average): Lê An")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_an_article_for_each_student_with_their_statement(lang):
    table = [{"name": v.student, "dL/dR": "0"} for v in SET.variants]
    made = check_class(SET, table, exercise="cau3", lang=lang)
    page = Page(made.to_html())
    tags = [tag for tag, _ in page.tags]
    assert [tags.count(tag) for tag in ("article", "svg", "figcaption")] == [2, 2, 2]
    assert "article + article { break-before: page; }" in made.to_html()
    for variant in SET.variants:
        assert variant.code in page.words
        assert str(variant.exercises["cau3"].givens["x"]) in page.words


@pytest.mark.parametrize(
    ("format", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")]
)
def test_the_picture_of_a_class(format, start):
    table = [{"name": "A", **SLIPPED}, {"name": "$x_", **RIGHT}, {"name": "B", "∂L/∂R": "77.123"}]
    made = check_class(cau3(), table, lang="vi")
    assert made.mistakes[-1].said == "sai, chưa rõ nguyên nhân"
    picture = made.plot(format)
    assert picture.startswith(start)
    if format == "svg":
        texts = "".join(re.findall(r">([^<>]+)</text>", picture.decode()))
        assert "Các lỗi thường gặp" in texts
        assert "∂L/∂h₁: lấy ŷ₀ thay vì ŷ₁ (nhầm lớp)" in texts
        assert "sai, chưa rõ" not in texts  # it is no mistake with a name
        assert picture == made.plot(format)


def test_a_class_without_a_readable_row_is_drawn_and_written_too():
    made = check_class(SET, [{"name": "?"}], exercise="cau3")
    assert made.plot("png")
    assert made.mistakes == []
    assert rows(made.to_csv())[1][2:4] == ["", ""]


def test_the_command_checks_a_line(capsys):
    main(["check", "cau3", "--lang", "vi", "∂L/∂h₁ = 0.8429; ∂L/∂R = −0.3843"])
    assert capsys.readouterr().out == str(
        check(cau3(), "∂L/∂h₁ = 0.8429; ∂L/∂R = −0.3843", lang="vi")
    )
    main("check cau3 --lang en --w2 0.5 --marks dL/dR=3 dL/dR=-0.1414".split())
    assert "Marks: 3 of 3" in capsys.readouterr().out


def test_the_command_checks_a_class_by_its_manifest(tmp_path, capsys):
    (tmp_path / "manifest.json").write_text(SET.manifest(tmp_path), "utf-8")
    answers = [v.exercises["cau4"].rounded for v in SET.variants]
    lines = ["code;cau4: dL/dR", f"S7-001;{answers[0]}".replace(".", ","), "S7-002;hai"]
    (tmp_path / "answers.csv").write_text("\n".join(lines), "utf-8-sig")
    names = {"manifest": "manifest.json", "answers": "answers.csv", "out": "out"}
    files = [f"--{option}={tmp_path / file}" for option, file in names.items()]
    main(["check", "cau4", "--lang", "en", *files])
    said = capsys.readouterr().out
    assert said.startswith("2 students, 2 of 4 on average\n")
    assert "Trần Bình: ∂L/∂R = 'hai': not a number" in said  # by the code, whose it is
    written = {p.name for p in (tmp_path / "out").iterdir()}
    assert written == {"marks.csv", "marks.svg", "reports.html", "reports.json"}
    table = rows((tmp_path / "out" / "marks.csv").read_text("utf-8"))
    assert table[1][:3] == ["Lê An", "S7-001", "4"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("check cau3 --lang en", "give answers, or --answers"),
        ("check cau3 --lang en dL/dQ=1 --student x --manifest missing.json", "missing.json"),
        ("check cau3 dL/dR=1 --marks dL/dQ=1", "thang điểm (marks): ở đây không có 'dL/dQ'"),
        ("check cau3 dL/dR=1 --marks dL/dR", "--marks"),
        ("check cau3 --answers missing.csv", "missing.csv"),
        ("check", "còn thiếu tham số: BÀI"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(arguments, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments.split())
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
