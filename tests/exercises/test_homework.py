"""Sets of homework: who gets what, and the same again from the manifest."""

import csv
import io
import itertools
import json
import os
import subprocess
import sys

import pytest

from micrograd_vn.cli import main
from micrograd_vn.exercises import (
    assign,
    cau3,
    cau4,
    load_homework,
    network,
    read_students,
    sampling,
)
from micrograd_vn.exercises.key import key_csv, key_json
from tests.sizes import size

BOTH = {"cau3": cau3, "cau4": cau4}
HOSTILE = [
    "=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>", "../../etc",
    "C:\\Windows", "a;=1+1", 'O"Neil, Đặng', "50% & #1_{x}$ ~^", "王小明", "Nguyễn Thị Ánh Nguyệt",
]  # fmt: skip


def written(folder, *rows, start="", separator=";", encoding="utf-8"):
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    path = folder / "class.csv"
    path.write_bytes((start + file.getvalue()).encode(encoding))
    return path


def students(folder, *rows, **options):
    return read_students(written(folder, *rows, **options))


# Students


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_names_are_read_from_what_spreadsheets_write(separator, encoding, tmp_path):
    rows = [["STT", "Họ và tên", "Lớp"], [1, "Trần Thị Bình", "A"], [2, 'Lê; "An", \t', "B"]]
    found = students(tmp_path, *rows, separator=separator, encoding=encoding)
    assert found == ["Trần Thị Bình", 'Lê; "An",']


def test_columns_of_first_and_last_names_are_joined_in_their_order(tmp_path):
    rows = [["Họ và tên đệm", "Tên", "Email"], ["Nguyễn Văn", "An", "a@b"], ["", "Bình", ""]]
    assert students(tmp_path, *rows) == ["Nguyễn Văn An", "Bình"]


def test_one_column_needs_no_heading_and_empty_rows_are_no_students(tmp_path):
    rows = [["Lê An"], [" "], [], ["  Trần \n  Bình "]]
    assert students(tmp_path, *rows) == ["Lê An", "Trần Bình"]


def test_a_first_line_that_names_the_separator_is_no_student(tmp_path):
    assert students(tmp_path, ["name", "a,b,c"], ["Lê An", ""], start="sep=;\r\n") == ["Lê An"]


def test_letters_are_composed_and_what_cannot_be_seen_is_dropped(tmp_path):
    decomposed, hidden = "Nguye\u0302\u0303n", "A\u202en\u200b\x07"
    assert students(tmp_path, [decomposed], [hidden]) == ["Nguyễn", "An"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Mã;Điểm\n1;2\n".encode(), "no column is headed"),
        ("họ tên\nĐặng".encode("cp1258", "replace"), "UTF-8"),
        (b"", "no name"),
        (b"name\n", "no name"),
        (b"name\n" + b"x" * 500, "500 letters"),
        (b"name\n" + b"x" * 200_000, "class.csv"),
    ],
)
def test_a_file_without_names_is_refused_by_its_name(content, said, tmp_path):
    path = tmp_path / "class.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said) as refused:
        read_students(path)
    assert "class.csv" in str(refused.value)


# Sets


def test_each_student_has_a_variant_of_each_exercise():
    homework = assign(BOTH, seed=7, students=["Lê An", "Trần Bình"], count=3)
    assert [(v.code, v.student) for v in homework.variants] == [
        ("S7-001", "Lê An"), ("S7-002", "Trần Bình"), ("S7-003", ""),
    ]  # fmt: skip
    for name in BOTH:
        assert len({v.exercises[name].answer for v in homework.variants}) == 3
        assert {v.exercises[name].definition for v in homework.variants} == {BOTH[name]}


def test_more_students_later_leave_the_first_ones_what_they_have():
    few, more = (assign(BOTH, n, seed=5) for n in (2, 4))
    for a, b in zip(few.variants, more.variants[:2], strict=True):
        assert a.code == b.code
        assert [e.givens for e in a.exercises.values()] == [e.givens for e in b.exercises.values()]


@pytest.mark.parametrize(
    "options",
    [
        {"count": 0}, {}, {"count": 1, "students": ["a", "b"]}, {"count": 1, "seed": -1},
    ],
)  # fmt: skip
def test_a_set_that_cannot_be_is_refused(options):
    with pytest.raises(ValueError, match="a set has"):
        assign(BOTH, **options)


def test_a_variant_is_found_by_code_and_by_student_if_only_one_has_the_name():
    homework = assign({"cau4": cau4}, 4, seed=1, students=["Lê An", "Lê An", "Nguyễn Bình"])
    assert homework.find(" nguye\u0302\u0303n  bình").code == "S1-003"
    assert homework.find("s1-004").student == ""
    for said, why in (
        ("Lê An", "name of S1-001, S1-002"), ("S1-005", "no code"), ("", "no code"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=why):
            homework.find(said)


def test_a_seed_gives_the_same_set_in_every_process(tmp_path):
    code = (
        "from micrograd_vn.exercises import *\n"
        "print(assign({'cau3': cau3, 'network': network}, 5, seed=3, lang='vi').manifest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_hundreds_of_students_each_have_an_answer_of_their_own():
    n = size(150, 1000)
    names = [f"Học viên {i + 1}" for i in range(n)]
    homework = assign({"cau4": cau4}, students=names, seed=7)
    assert len({f"{v.exercises['cau4'].answer:.4g}" for v in homework.variants}) == n
    assert homework.find(f"Học viên {n}").code == f"S7-{n}"


# The manifest


def test_a_manifest_makes_the_same_set_again(tmp_path):
    homework = assign({**BOTH, "network": network}, seed=7, students=HOSTILE, title="Tuần 3 — ∂")
    path = tmp_path / "manifest.json"
    path.write_text(homework.manifest(tmp_path), "utf-8")
    again = load_homework(path)
    assert again.manifest(tmp_path) == homework.manifest(tmp_path)
    assert key_json(again) == key_json(homework)
    assert (again.title, again.lang, again.seed) == (homework.title, homework.lang, 7)
    assert [v.student for v in again.variants] == HOSTILE


def test_a_manifest_says_what_the_set_was_made_of_but_no_answer():
    made = json.loads(assign(BOTH, 2, seed=7, title="Tuần 3", lang="en").manifest())
    assert [set(v) for v in made.pop("variants")] == [{"code", "student", "givens"}] * 2
    assert made == {
        "format": 1, "title": "Tuần 3", "lang": "en", "seed": 7, "count": 2, "file": None,
        "exercises": ["cau3", "cau4"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.update(format=2),
        lambda made: made.pop("variants"),
        lambda made: made.update(variants=[]),
        lambda made: made.update(exercises=["cau5"]),
        lambda made: made.update(lang="fr"),
        lambda made: made["variants"][0]["givens"]["cau4"].update(x=0),
        lambda made: made["variants"][0]["givens"]["cau4"].update(nonsense=1),
        lambda made: made["variants"].append(3),
    ],
)
def test_what_is_no_manifest_is_refused_by_its_name(change, tmp_path):
    made = json.loads(assign({"cau4": cau4}, 2, seed=7).manifest())
    change(made)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(made), "utf-8")
    with pytest.raises(ValueError, match=r"manifest\.json: "):
        load_homework(path)


# The key


def test_the_key_has_the_answers_and_no_cell_that_a_spreadsheet_would_run():
    homework = assign(BOTH, seed=7, students=HOSTILE, lang="en")
    text = key_csv(homework)
    assert text.startswith("\ufeffCode,Name,cau3: ∂L/∂R,cau4: ∂L/∂R\r\n")
    rows = list(csv.reader(io.StringIO(text[1:], newline="")))[1:]
    for row, variant in zip(rows, homework.variants, strict=True):
        assert row[0] == variant.code
        assert [float(x) for x in row[2:]] == [e.rounded for e in variant.exercises.values()]
        for separated in (row[:2], *[cell.split(";") for cell in row[:2]]):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in separated)


def test_the_key_as_json_has_the_exact_answers_too():
    homework = assign(BOTH, seed=7, students=["Lê An"])
    (entry,) = json.loads(key_json(homework))
    assert (entry["code"], entry["student"]) == ("S7-001", "Lê An")
    for name, exercise in homework.variants[0].exercises.items():
        found = entry["exercises"][name]
        assert found["givens"] == exercise.givens
        assert found["answer"] == exercise.rounded
        assert found["exact"] == pytest.approx(exercise.answer, rel=1e-11)


# The command

OWN = """
from micrograd_vn import Value
from micrograd_vn.exercises import exercise, steps

@exercise(
    name={"vi": "Bài 1", "en": "Exercise 1"},
    statement=dict.fromkeys(("vi", "en"), "`y = (w·x)²`, `w = {w}`, `x = {x}`: `∂y/∂w`?"),
    asks="∂y/∂w",
    domains={"w": steps(0.1, 2.0, 0.1), "x": [1, 2, 3]},
)
def square(w=0.5, x=3.0):
    return ((Value(w, "w") * Value(x, "x")) ** 2).named("y")
"""
NAMES = [
    "key.csv", "key.json", "manifest.json", "pictures.pdf", "sheets.html", "sheets.tex",
    "solutions-pictures.pdf", "solutions.html", "solutions.tex",
]  # fmt: skip


def test_the_command_writes_a_set_and_makes_it_again_from_the_manifest(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(OWN, "utf-8")
    table = written(tmp_path, ["name"], ["Lê An"], ["Trần Bình"])
    out, again = tmp_path / "homework", tmp_path / "again" / "deeper"
    main([
        "set", "cau3", "square", "--file", str(tmp_path / "mine.py"), "--seed", "7",
        "--students", str(table), "--title", "Week 3", "--out", str(out), "--lang", "en",
    ])  # fmt: skip
    printed = capsys.readouterr().out
    assert "Week 3: 2 variants, with codes from S7-001 to S7-002" in printed
    assert sorted(p.name for p in out.iterdir()) == NAMES
    assert json.loads((out / "manifest.json").read_text("utf-8"))["file"] == "../mine.py"
    main(["set", "--manifest", str(out / "manifest.json"), "--out", str(again), "--lang", "vi"])
    for name in NAMES:
        if name != "manifest.json":  # from another folder, the file is elsewhere
            assert (again / name).read_bytes() == (out / name).read_bytes(), name
    assert key_json(load_homework(again / "manifest.json")) == (out / "key.json").read_text("utf-8")
    with pytest.raises(SystemExit):
        main(["set", "cau4", "--count", "1", "--out", str(out), "--lang", "en"])
    assert "this folder holds another set" in capsys.readouterr().err
    assert json.loads((out / "manifest.json").read_text("utf-8"))["title"] == "Week 3"


def test_what_was_printed_stays_valid_when_the_domains_change(tmp_path):
    file, out = tmp_path / "mine.py", tmp_path / "homework"
    file.write_text(OWN, "utf-8")
    main(["set", "square", "--file", str(file), "--count", "3", "--out", str(out)])
    file.write_text(OWN.replace('"x": [1, 2, 3]', '"x": [5]'), "utf-8")
    assert key_json(load_homework(out / "manifest.json")) == (out / "key.json").read_text("utf-8")


def test_a_bar_shows_the_progress_in_a_terminal_only_and_not_at_once(tmp_path, monkeypatch):
    pytest.importorskip("tqdm")
    arguments = ["set", "cau4", "--count", "2", "--out", str(tmp_path)]
    shown = []
    for terminal, waited in ((False, 5), (True, 5), (True, 0)):
        stream = io.StringIO()
        stream.isatty = lambda answer=terminal: answer
        clock = itertools.count(step=waited)
        monkeypatch.setattr("tqdm.std.time", lambda clock=clock: float(next(clock)))
        monkeypatch.setattr(sys, "stderr", stream)
        main(arguments)
        shown.append("%" in stream.getvalue())
    assert shown == [False, True, False]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set"], "of which exercises? There are cau3, cau4, network"),
        (["set", "cau5", "--count", "2"], "no exercise cau5; the names are: cau3, cau4, network"),
        (["set", "cau3"], "set: give --count N or --students CSV"),
        (["set", "cau3", "--count", "5000"], "were found, of"),
        (["set", "--manifest", "none.json"], "none.json"),
        (["set", "cau3", "--manifest", "none.json", "--seed", "3"], "leave out: cau3, --seed"),
        (["set", "cau3", "--students", "none.csv"], "none.csv"),
        (["--html", "set", "cau3", "--count", "2"], "--html"),
    ],
)
def test_a_set_that_cannot_be_made_is_one_line_and_no_file(
    arguments, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sampling, "_MOST", 100)  # so that it soon gives up
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--lang", "en"])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []


def test_without_what_draws_the_pictures_the_rest_is_written_and_they_are_named(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit):
        main(["set", "cau4", "--count", "2", "--out", str(tmp_path)])
    said = capsys.readouterr()
    assert {p.name for p in tmp_path.iterdir()} == {n for n in NAMES if not n.endswith(".pdf")}
    assert "pictures.pdf: " in said.err
    assert "matplotlib" in said.err


def test_no_exercise_may_have_the_name_of_a_command(tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(OWN.replace("def square", "def set"), "utf-8")
    with pytest.raises(SystemExit):
        main(["--file", str(file)])
    assert "không bài tập nào được mang tên set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "said"), [("set", "--count N or --students CSV"), ("quiz", "--count N\n")]
)
def test_a_set_of_which_nobody_says_how_many_asks_for_it(command, said, capsys):
    with pytest.raises(SystemExit):
        main(["--lang", "en", command, "cau3"])
    assert capsys.readouterr().err == f"micrograd-vn: {command}: give {said.strip()}\n"
