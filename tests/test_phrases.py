"""The phrases and the language of the reader: screens and errors."""

import os
import pathlib
import re
import string
import subprocess
import sys

import pytest

import micrograd_vn
from micrograd_vn import (
    Op,
    Value,
    cross_entropy,
    dot,
    draw,
    exp,
    explain,
    grad,
    lambdify,
    log,
    play,
    sqrt,
)
from micrograd_vn.exercises import (
    assign,
    cau3,
    cau4,
    check,
    exercise,
    load_homework,
    quiz,
    read_students,
    variants,
)
from micrograd_vn.exercises.definition import GivensError
from micrograd_vn.phrases import LANGUAGES, _table, language, phrases

RULE = [  # MICROGRAD_VN_LANG, LC_ALL, LANG, the language of what teaches, that of errors
    ("vi", "en_US.UTF-8", "", "vi", "vi"),
    ("EN", "vi_VN.UTF-8", "", "en", "en"),
    ("fr", "vi_VN.UTF-8", "", "vi", "vi"),
    ("", "vi_VN.UTF-8", "en_US.UTF-8", "vi", "vi"),
    ("", "", "Vietnamese_Vietnam.1258", "vi", "vi"),
    ("", "", "en_US.UTF-8", "en", "en"),
    ("", "", "fr_FR.UTF-8", "en", "en"),
    ("", "C.UTF-8", "vi_VN.UTF-8", "vi", "en"),
    ("", "POSIX", "", "vi", "en"),
]


@pytest.mark.parametrize(("variable", "everything", "lang", "teaching", "errors"), RULE)
def test_the_language_is_that_of_the_reader(
    variable, everything, lang, teaching, errors, monkeypatch
):
    for name, value in (
        ("MICROGRAD_VN_LANG", variable), ("LC_ALL", everything), ("LC_MESSAGES", ""), ("LANG", lang)
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    w = Value(2.0, "w")
    y = (w * 3.0).named("y")
    y.backward()
    said = {"vi": "Tính ∂y/∂w.", "en": "Find ∂y/∂w."}
    assert str(explain(y, w)).startswith(said[teaching])
    assert f'<html lang="{teaching}"' in play(y).html
    assert {"vi": "Kết quả:", "en": "Result:"}[teaching] in str(cau3().result())
    assert {"vi": "đúng", "en": "right"}[teaching] in str(check(cau3(), "R = 2.4"))
    with pytest.raises(ValueError, match={"vi": "cần x > 0", "en": "needs x > 0"}[errors]):
        log(w - 2.0)
    assert language("vi") == "vi"
    assert language("en") == "en"


@pytest.mark.parametrize(
    ("name", "spoken"), [("Vietnamese_Vietnam", "vi"), ("en_US", "en"), (None, "vi")]
)
def test_where_no_variable_names_a_language_the_system_does(name, spoken, monkeypatch):
    for variable in ("MICROGRAD_VN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (name, "UTF-8"))  # on Windows, say
    assert language() == spoken


def defined(**change):
    said = dict.fromkeys(LANGUAGES, "Cho `y = w²`, `w = {w}`: `∂y/∂w`?")
    whole = {"name": said, "statement": said, "asks": "∂y/∂w"} | change
    return exercise(**whole)(lambda w=0.0: (Value(w, "w") ** 2).named("y"))


X, BIG, ZERO = Value(2.0, "x"), Value(1e308, "lớn"), Value(0.0, "không")
RATIO = Op(
    "ratio", lambda x, b: x / b, lambda out, x, b: (1 / b, -out / b), domain="β ≠ 0"
)  # fmt: skip
VIETNAMESE = [
    (lambda: RATIO(X, ZERO), ZeroDivisionError, "ratio(x=2.0, không=0.0): cần β ≠ 0"),
    (lambda: RATIO(2.0, 0.0), ZeroDivisionError, "ratio(2.0, 0.0): cần β ≠ 0"),
    (lambda: log(ZERO), ValueError, "log(không=0.0): cần x > 0"),
    (lambda: X / ZERO, ZeroDivisionError, "div(x=2.0, không=0.0): chia cho 0"),
    (lambda: ZERO**-1, ZeroDivisionError, "pow(không=0.0, -1.0): số 0 không có lũy thừa"),
    (lambda: Value(-8.0) ** (1 / 3), ValueError, "số âm không có lũy thừa thực"),
    (lambda: exp(BIG), OverflowError, "exp(lớn=1e+308): kết quả quá lớn"),
    (lambda: BIG * BIG, OverflowError, "kết quả quá lớn"),
    (lambda: BIG**2, OverflowError, "kết quả quá lớn"),
    (lambda: sqrt(ZERO).backward(), ZeroDivisionError, "đạo hàm của sqrt(không=0.0): chia cho 0"),
    (lambda: dot([X], []), ValueError, "dot: số trọng số phải bằng số đầu vào"),
    (lambda: cross_entropy([X, X], 2), IndexError, "không có lớp 2 khi chỉ có 2 logit"),
    (lambda: Value(1.0, 3), TypeError, "tên (label) phải là một chuỗi ký tự, không phải int 3"),
    (lambda: Value("1"), TypeError, "cần một số thực, không phải str '1'"),
    (lambda: float(X), TypeError, "x=2.0: đổi sang float sẽ làm mất đồ thị"),
    (lambda: grad(X, X), TypeError, "grad: inputs phải là một danh sách các Value"),
    (lambda: cau3(y=2), GivensError, "lớp đúng phải là 0 hoặc 1"),
    (lambda: cau4(x=0), GivensError, "không suy ra được ∂L/∂R duy nhất"),
    (lambda: draw(X, rankdir="no"), ValueError, "rankdir là 'LR', 'TB', 'RL' hoặc 'BT'"),
    (lambda: draw(X, show=["no"]), ValueError, "show chỉ gồm những mục trong"),
    (lambda: draw(X, roles={"no": [X]}), ValueError, "vai trò là một trong input"),
    (lambda: lambdify([X], X, "no"), ValueError, "một mô-đun có các hàm của NumPy"),
    (lambda: play(Value(float("inf"))), ValueError, "không phải là một số hữu hạn"),
    (lambda: explain(X**2, X, digits=0), ValueError, "digits là một số nguyên từ 1 đến 15"),
    (lambda: explain(X**2, X, lang="fr"), ValueError, "lang là 'vi' hoặc 'en', không phải 'fr'"),
    (lambda: draw(X**2, lang="fr"), ValueError, "lang là 'vi' hoặc 'en', không phải 'fr'"),
    (lambda: cau3().explain("fr"), ValueError, "lang là 'vi' hoặc 'en', không phải 'fr'"),
    (lambda: explain(X**2, Value(2.0, "x")), ValueError, "tên biến này đã được gán lại?"),
    (lambda: explain((X**2).named("y"), X, known=[]), ValueError, "không được cho"),
    (lambda: check(cau3(), "R = abc"), ValueError, "không phải là một số"),
    (lambda: check(cau3(), "", marks={"q": 1}), ValueError, "thang điểm (marks): ở đây không có"),
    (lambda: defined(asks="y"), ValueError, "<lambda>: asks là một đạo hàm"),
    (lambda: defined(name={}), ValueError, "thiếu tên (name) ở 'vi' và 'en'"),
    (lambda: defined(asks="∂y/∂ x w"), ValueError, "không phải là công thức"),
    (lambda: defined(decimals=-1), ValueError, "decimals là một số nguyên từ 0 đến 12"),
    (lambda: assign({}, 1), ValueError, "ở đây là 1 đề cho 0 học viên"),
    (lambda: assign({"cau4": cau4}, 1).find("x"), ValueError, "không có mã đề hay học viên nào"),
    (lambda: variants(defined(), 2, seed=0), ValueError, "các tập giá trị cho phép chứa 0"),
    (lambda: load_homework(os.devnull), ValueError, "không phải là tệp mô tả của một bộ đề"),
    (lambda: read_students(os.devnull), ValueError, "không có tên nào trong tệp"),
    (lambda: quiz([cau3()], "x"), ValueError, "kind là một trong cloze, multichoice"),
]


@pytest.mark.parametrize(("action", "error", "said"), VIETNAMESE)
def test_an_error_speaks_the_language_of_the_reader(action, error, said, monkeypatch):
    with pytest.raises(error) as caught:
        action()
    assert said not in str(caught.value)
    monkeypatch.setenv("MICROGRAD_VN_LANG", "vi")
    with pytest.raises(error) as caught:
        action()
    assert said in str(caught.value)


def test_phrases_have_both_languages_with_the_same_gaps():
    def gaps(text):
        return sorted(gap[1] for gap in string.Formatter().parse(text) if gap[1] is not None)

    for section, said in _table().items():
        for name, text in said.items():
            assert sorted(text) == sorted(LANGUAGES), (section, name)
            assert gaps(text["vi"]) == gaps(text["en"]), (section, name)


def source(*endings):
    """Return the files of the package with some endings as one text."""
    files = sorted(pathlib.Path(micrograd_vn.__file__).parent.rglob("*"))
    return "".join([p.read_text("utf-8") for p in files if p.suffix in endings])


def test_every_phrase_is_used_somewhere():
    text = source(".py", ".js", ".html")
    elsewhere = {"error", "heard", "python", "system", "argparse"}  # the last are others' words
    for section in _table().keys() - elsewhere:
        for name in phrases(section, "en"):
            assert re.search(f"""["'`]{re.escape(name)}["'`]""", text), (section, name)


def test_every_error_of_the_table_is_raised_somewhere():
    used = set(re.findall(r'(?:message\(\s*|saying\("error", )f?"([^"{]+)', source(".py")))
    used |= {"derivative", "value", "each value", "an input", "an output"}  # not written there
    used |= {"target 1 or -1", "target from 0 to 1", "no name", "no statement"}
    assert used - {"target ", "no "} == set(phrases("error", "en"))


def test_phrases_are_read_when_an_error_is_raised_and_not_before():
    code = (
        "import sys, micrograd_vn as m; y = m.Value(2.0) * 3; y.backward();"
        "print('tomllib' in sys.modules)\n"
        "try: m.log(0.0)\nexcept ValueError: print('tomllib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
