"""The command, as a user runs it."""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pypdfium2
import pytest

from micrograd_vn.cli import _run, main
from micrograd_vn.exercises import load_homework
from tests.sizes import size


def run(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "micrograd_vn", *arguments],
        cwd=cwd,
        env={**os.environ, "PATH": "", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_it_solves_both_exercises_and_leaves_two_diagrams(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    done = run(cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    for text in (
        "Câu 3\n",
        "Câu 4\n",
        "x = 3.0. Trọng số tại lớp thứ hai: w₂ = 0.3 và w₂′ = −0.4.",
        "∂L/∂h₀ = −0.1571",
        "Kết quả: ∂L/∂R ≈ −0.11 (làm tròn đến 2 chữ số thập phân)    "
        "(lời giải của khóa học: −0.11)",
        "Sơ đồ: cau3.svg",
        "Sơ đồ: cau4.svg",
    ):
        assert text in done.stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cau3.svg", "cau4.svg", "notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert "ŷ₀" in (tmp_path / "cau3.svg").read_text("utf-8")


def test_the_output_is_the_same_in_every_run(tmp_path):
    runs = []
    for seed in ("1", "2"):
        done = run(cwd=tmp_path, PYTHONHASHSEED=seed)
        runs.append((done.stdout, (tmp_path / "cau3.svg").read_bytes()))
    assert runs[0] == runs[1]


def test_one_exercise_with_other_givens_in_english(tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    main(["cau3", "--w2", "0.5", "--y-hat", "0.9", "0.1", "--lang", "en", "--out", str(out)])
    printed = capsys.readouterr().out
    assert "Softmax outputs: ŷ₀ = 0.9, ŷ₁ = 0.1." in printed
    assert "Result: ∂L/∂R = −0.09\n" in printed
    assert "course" not in printed
    assert [p.name for p in out.iterdir()] == ["cau3.svg"]


def test_numbers_may_be_negative_and_have_exponents(tmp_path, capsys):
    main(["cau3", "--w2-prime", "-1e-1", "--out", str(tmp_path)])
    assert "w₂′ = −0.1" in capsys.readouterr().out


def test_numbers_may_have_a_decimal_comma(tmp_path, capsys):
    main(["cau3", "--w2-prime", "-0,1", "--x", "2,5", "--out", str(tmp_path)])
    assert "x = 2.5. Trọng số tại lớp thứ hai: w₂ = 0.3 và w₂′ = −0.1." in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["3", "3.0", "-2"])
def test_a_number_has_the_form_in_which_it_is_typed(typed, tmp_path, capsys):
    main(
        [
            "cau3",
            "--solution",
            "--x",
            typed,
            "--w2",
            typed,
            "--w2-prime",
            "-5",
            "--out",
            str(tmp_path),
        ]
    )
    printed, shown = capsys.readouterr().out, typed.replace("-", "−")
    assert f"x = {shown}. Trọng số tại lớp thứ hai: w₂ = {shown} và w₂′ = −5." in printed
    assert f"∂h₀/∂R = w₂ = {shown}\n    ∂h₁/∂R = w₂′ = −5\n" in printed


def test_options_may_stand_before_the_exercise(tmp_path, capsys):
    main(["--lang", "en", "--out", str(tmp_path), "--format", "dot", "cau4", "--w1", "1.5"])
    assert "w₁ = 1.5" in capsys.readouterr().out
    assert (tmp_path / "cau4.dot").read_text("utf-8").startswith("digraph")


def test_the_solution_step_by_step_and_as_pages(tmp_path, capsys):
    main(["cau3", "--solution", "--html", "--latex", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    for text in [
        "Câu 3\n\nXét một mạng nơ-ron đơn giản với thông tin như Hình 1:",
        "Theo quy tắc chuỗi:",
        "(3) Kết hợp tính toán:",
        "Kết quả: ∂L/∂R ≈ −0.11",
        f"Lời giải: {tmp_path}/cau3.html",
    ]:
        assert text in printed
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "cau3-diagram.pdf", "cau3-figure.pdf", "cau3.html", "cau3.svg", "cau3.tex",
    ]  # fmt: skip
    assert "<math" in (tmp_path / "cau3.html").read_text("utf-8")
    assert "\\begin{document}" in (tmp_path / "cau3.tex").read_text("utf-8")
    main(["--lang", "en", "--solution", "--out", str(tmp_path)])
    assert "Câu 4\n\nConsider a simple neural network, as in Figure 2:" in capsys.readouterr().out


def test_pages_as_markdown_and_text_come_with_their_pictures_beside(tmp_path, capsys):
    main(["cau4", "--markdown", "--text", "--out", str(tmp_path)])
    assert f"Lời giải: {tmp_path}/cau4.md\n" in capsys.readouterr().out
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "cau4-diagram.svg", "cau4-figure.svg", "cau4.md", "cau4.svg", "cau4.txt",
    ]  # fmt: skip
    markdown = (tmp_path / "cau4.md").read_text("utf-8")
    named = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", markdown)
    assert named == [
        ("Hình 2: Kiến trúc mạng nơ-ron", "cau4-figure.svg"),
        ("Đồ thị tính toán", "cau4-diagram.svg"),
    ]
    assert r"$\frac{\partial R}{\partial z_{0}} = 1$ (do $z_{0} > 0$)" in markdown
    text = (tmp_path / "cau4.txt").read_text("utf-8")
    assert text.startswith("Câu 4\n\nXét một mạng nơ-ron")
    assert "\n\nGiải\n\nTính ∂L/∂R" in text
    assert text.endswith("Kết quả: ∂L/∂R ≈ −0.11 (làm tròn đến 2 chữ số thập phân)\n")


def without_places(page):
    """Return a page without the numbers that say where something is in a picture."""
    return re.sub(r' (d|x|y|points|transform|viewBox)="[^"]*"', "", page)


def test_a_sheet_has_the_answer_nowhere(tmp_path, capsys):
    formats = ["--html", "--latex", "--markdown", "--text"]
    main(["--sheet", *formats, "--lang", "en", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    ends = ("-figure.pdf", "-figure.svg", ".html", ".md", ".tex", ".txt")
    written = [f"cau{n}-sheet{end}" for n in (3, 4) for end in ends]
    assert sorted(p.name for p in tmp_path.iterdir()) == written
    pictures = [pypdfium2.PdfDocument(p) for p in tmp_path.glob("*.pdf")]
    for text in (
        printed,
        *(without_places(p.read_text("utf-8")) for p in tmp_path.iterdir() if p.suffix != ".pdf"),
        *(f"{p.get_metadata_dict()}{p[0].get_textpage().get_text_bounded()}" for p in pictures),
    ):
        assert not any(said in text for said in ("0.11", "0.10997", "chain rule", "Result"))
    for n in (3, 4):
        assert f"Figure {n - 2}" in (tmp_path / f"cau{n}-sheet.html").read_text("utf-8")


def test_a_page_lets_nothing_in_from_outside(tmp_path):
    main(["--html", "--sheet", "--solution", "--out", str(tmp_path)])
    for page in tmp_path.glob("*.html"):
        text = page.read_text("utf-8")
        assert "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"" in text
        assert not re.search(r"(src|href)\s*=\s*[\"']?(?!#)", text.replace("xlink:href", ""))


OWN = """
from micrograd_vn import Value
from micrograd_vn.exercises import cau3, exercise

@exercise(
    name={"vi": "Bài 1", "en": "Exercise 1"},
    statement={
        "vi": "Cho `y = (w·x)²`, với `w = {w}` và `x = {x}`. Tính `∂y/∂w`.",
        "en": "Given `y = (w·x)²` with `w = {w}` and `x = {x}`, find `∂y/∂w`.",
    },
    asks="∂y/∂w",
)
def square(w=0.5, x=3.0):
    return ((Value(w, "w") * Value(x, "x")) ** 2).named("y")
"""


def test_exercises_of_ones_own_stand_beside_ours(tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(OWN, "utf-8")
    main(["--file", str(file), "square", "--x", "2", "--out", str(tmp_path), "--html"])
    printed = capsys.readouterr().out
    assert "x = 2. Tính ∂y/∂w." in printed
    assert "Kết quả: ∂y/∂w = 4\n" in printed
    assert (tmp_path / "square.html").exists()
    main(["--file", str(file), "--lang", "en", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert [printed.count(name) for name in ("Câu 3\n", "Câu 4\n", "Exercise 1\n")] == [1, 1, 1]
    with pytest.raises(SystemExit):
        main(["--file", str(file), "square", "--help"])
    assert "--w W" in capsys.readouterr().out


def test_a_manifest_brings_the_exercises_of_ones_own(tmp_path, capsys):
    file = tmp_path / "mine.py"
    ranges = 'asks="∂y/∂w", domains={"w": [0.5, 1.5], "x": [1.0, 3.0]}'
    file.write_text(OWN.replace('asks="∂y/∂w"', ranges), "utf-8")
    made = ["square", "--count", "2", "--seed", "1", "--out", str(tmp_path / "set")]
    main(["set", *made, "--file", str(file)])
    manifest = tmp_path / "set" / "manifest.json"
    found = load_homework(manifest).variants[1].exercises["square"]
    capsys.readouterr()
    options = ["--manifest", str(manifest), "--student", "S1-002", "--lang", "en"]
    main(["check", "square", f"dy/dw = {found.rounded}", *options])
    assert "∂y/∂w" in (said := capsys.readouterr().out)
    assert ": right" in said.splitlines()[0]
    main(["check", "square", "1", "--write", "--out", str(tmp_path), *options])
    page = (tmp_path / "reports.html").read_text("utf-8")
    assert "<b>S1-002</b>" in page
    assert "Name" not in page  # the code is no name
    with pytest.raises(SystemExit):
        main(["check", "square", "dy/dw = 1", "--lang", "en"])
    assert "an exercise of your own needs --file or --manifest" in capsys.readouterr().err
    file.unlink()
    with pytest.raises(SystemExit):
        main(["check", "square", "dy/dw = 1", *options])
    assert "mine.py" in capsys.readouterr().err


def test_exercises_of_installed_packages_stand_beside_ours(tmp_path, monkeypatch, capsys):
    (tmp_path / "theirs.py").write_text(OWN, "utf-8")
    info = tmp_path / "theirs-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: theirs\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[micrograd_vn.exercises]\nbai1 = theirs:square\n")
    monkeypatch.syspath_prepend(tmp_path)
    main(["bai1", "--out", str(tmp_path)])
    assert "Bài 1\n" in capsys.readouterr().out


def test_what_can_be_written_is_written_and_the_rest_is_named(tmp_path):
    (tmp_path / "cau3.html").mkdir()
    done = run("--html", "--latex", "--out", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"micrograd-vn: {tmp_path}/cau3.html: ")
    for file in ("cau3.svg", "cau3.tex", "cau4.html", "cau4.svg", "cau4-diagram.pdf"):
        assert (tmp_path / file).stat().st_size > 0, file


def test_it_is_quiet_when_its_output_is_closed(tmp_path):
    command = f"{sys.executable} -m micrograd_vn --solution | head -1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.stdout, done.stderr) == ("Câu 3\n", "")


@pytest.mark.parametrize("command", ["cau3 --html", "check cau3 dL/dR=-0,11 --write"])
def test_a_closed_output_is_no_fault_of_a_file(command, tmp_path, monkeypatch, capsys):
    def closed(*said, **_):
        if str(tmp_path) in str(said):
            raise BrokenPipeError

    monkeypatch.setattr("builtins.print", closed)
    with pytest.raises(BrokenPipeError):
        _run([*command.split(), "--out", str(tmp_path)])
    assert capsys.readouterr().err == ""


def test_ctrl_c_ends_it_without_a_traceback(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("micrograd_vn.cli._run", interrupted)
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_the_network_is_an_exercise_as_the_others_are(tmp_path, capsys):
    options = ["--w1", "-0.8", "--solution", "--html", "--live", "--out", str(tmp_path)]
    main(["network", *options])
    assert "Câu 3 và Câu 4\n" in (printed := capsys.readouterr().out)
    assert "Kết quả: ∂L/∂R = −0.35" in printed
    written = ["network-live.html", "network.html", "network.svg"]
    assert sorted(p.name for p in tmp_path.iterdir()) == written
    main(["network", "--sheet", "--lang", "en"])
    assert "Consider a simple neural network:" in (printed := capsys.readouterr().out)
    assert "Result" not in printed
    main(["check", "network", "-0,11"])
    assert "∂L/∂R = −0.11: đúng" in capsys.readouterr().out


def test_ctrl_c_ends_it_quietly_while_it_loads_works_and_ends(tmp_path):
    command = [
        sys.executable,
        "-c",
        "from micrograd_vn.__main__ import main; print(flush=True); main()",
    ]
    delays = (0.01, 0.02, 0.04, 0.08, 0.12, 0.16, 0.2, 0.3, 0.45, 0.6)
    for delay in size(delays[1::3], delays):
        with subprocess.Popen(
            [*command, "--solution"], cwd=tmp_path, stdout=-1, stderr=-1, encoding="utf-8"
        ) as running:
            running.stdout.readline()  # Python and the package are there
            time.sleep(delay)
            running.send_signal(signal.SIGINT)
            said = running.communicate()[1]
        assert said == "", delay
        # The last is of Python's own end, where there are no handlers any more.
        assert running.returncode in (0, 130, -signal.SIGINT), delay
    leftover = [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]
    assert leftover == []


def test_ctrl_c_is_quiet_where_a_library_makes_another_error_of_it():
    program = """
import os, signal
from micrograd_vn import __main__, cli
def work():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        raise SystemError("error return")
cli.main = work
__main__.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_errors_are_in_utf_8_on_any_system(tmp_path):
    done = run("cau3", "--y", "2", cwd=tmp_path, PYTHONIOENCODING="cp1252")
    assert "lớp đúng phải là 0 hoặc 1" in done.stderr


def test_it_says_its_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert (stopped.value.code, capsys.readouterr().out) == (
        0,
        f"micrograd-vn {version('micrograd_vn')}\n",
    )


def test_pages_need_no_package_but_this(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "latex2mathml", None)
    main(["cau3", "--html", "--latex", "--out", str(tmp_path)])
    assert "<mfrac>" in (tmp_path / "cau3.html").read_text("utf-8")


def test_help_is_complete(capsys):
    for arguments, words in [
        (["--help"], ["--lang", "--out", "--format", "--sheet", "--file", "cau3", "cau4"]),
        (["cau3", "--help"], ["--x", "--w2", "--w2-prime", "--y-hat", "--y", "0.8429 0.1571"]),
        (["cau4", "--help"], ["--x", "--w1", "--b1", "--dL-dw1", "-0.3299", "--format"]),
    ]:
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        printed = capsys.readouterr().out
        assert all(word in printed for word in words)
        for heading in ("cách dùng:", "tùy chọn:"):
            assert printed.count(heading) == 1
        assert printed.count("dữ kiện:") == (len(arguments) - 1)


@pytest.mark.parametrize(
    ("arguments", "system", "language"),
    [
        ([], "vi_VN.UTF-8", "vi"),
        ([], "C.UTF-8", "vi"),
        ([], "en_US.UTF-8", "en"),
        (["--lang", "vi"], "C.UTF-8", "vi"),
        (["--lang", "en"], "vi_VN.UTF-8", "en"),
    ],
)
@pytest.mark.parametrize("command", [[], ["cau3"], ["moons"]])
def test_help_is_in_one_language(arguments, system, language, command, monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", system)
    with pytest.raises(SystemExit):
        main([*arguments, *command, "--help"])
    printed = capsys.readouterr().out
    vi = ("cách dùng:", "tùy chọn", "ngôn ngữ", "hiển thị")
    en = ("usage:", "options", "language", "show this help")
    said, unsaid = (vi, en) if language == "vi" else (en, vi)
    assert all(word in printed for word in said)
    assert not any(word in printed for word in unsaid)


def test_moons_has_no_use_for_a_file_of_exercises(tmp_path):
    (tmp_path / "mine.py").write_text(OWN)
    done = run("--file", "mine.py", "moons", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "micrograd-vn: moons: tùy chọn không áp dụng được: --file\n"


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        ("--sheet --format png", "--format"),
        ("cau3 --sheet --html --format svg", "--format"),
        ("cau3 --sheet --out x", "--out"),
        ("cau3 --sheet --solution", "--sheet"),
        ("--file {file} cau3", "--file"),
        ("moons --format dot", "--format dot"),
        ("--sheet --live moons", "--sheet, --live"),
        ("set cau3 --count 2 --format png", "--format"),
        ("quiz cau3 --count 2 --format png", "--format"),
        ("check cau3 -0.11 --format png", "--format"),
        ("check cau3 -0.11 --out x", "--out"),
        ("check cau3 -0.11 --student An", "--student"),
        ("check cau3 -0.11 --file {file}", "--file"),
        ("check cau3 --answers {file} --write", "--write"),
        ("check cau3 --answers {file} --student An", "--student"),
        ("check cau3 --answers {file} --format dot", "--format dot"),
    ],
)
def test_what_would_have_no_effect_is_refused(arguments, refused, tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(OWN, "utf-8")
    with pytest.raises(SystemExit) as stopped:
        main([*arguments.format(file=file).split(), "--lang", "en"])
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(f": these options have no effect here: {refused}\n")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.py"]


WRONG = [  # arguments, and what is said in Vietnamese and in English
    (["cau3", "--nonsense"], "không có tham số: --nonsense", "unrecognized arguments: --nonsense"),
    (["cau3", "--x"], "tham số --x: cần một giá trị", "argument --x: expected one argument"),
    (["cau3", "--y-hat", "1"], "--y-hat: cần 2 giá trị", "--y-hat: expected 2 arguments"),
    (["cau5"], "không có lựa chọn 'cau5'", "invalid choice: 'cau5'"),
    (["--format", "gif"], "không có lựa chọn 'gif'", "invalid choice: 'gif'"),
    (["cau3", "--x", "a"], "giá trị không hợp lệ: 'a'", "invalid number value: 'a'"),
    (["check"], "còn thiếu tham số: BÀI", "the following arguments are required: EXERCISE"),
    (["--s"], "tùy chọn --s viết tắt chưa rõ", "ambiguous option: --s could match"),
    (["cau3", "--html=1"], "tùy chọn này không nhận giá trị", "ignored explicit argument '1'"),
    (["--file"], "cần một giá trị", "expected one argument"),
    (["cau3", "--y", "2"], "lớp đúng phải là 0 hoặc 1", "the right class is 0 or 1"),
    (["cau4", "--w1", "1e308"], "kết quả quá lớn", "the result is too large"),
    (["--file", "no.py"], "no.py: không có tệp hoặc thư mục này", "no.py: no such file or folder"),
    (["check", "cau3", "--answers", f"{__file__}/x"], "không phải là thư mục", "not a folder"),
    (
        ["set", "--manifest", "."],
        ".: đây là một thư mục, không phải tệp",
        ".: a folder, not a file",
    ),
]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("arguments", "vi", "en"), WRONG)
def test_what_is_wrong_is_said_in_the_language_of_the_command(
    arguments, vi, en, lang, monkeypatch, capsys
):
    monkeypatch.setenv("MICROGRAD_VN_LANG", "vi" if lang == "en" else "en")
    with pytest.raises(SystemExit) as stopped:
        main(["--lang", lang, *arguments])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert {"vi": vi, "en": en}[lang] in said
    assert {"vi": en, "en": vi}[lang] not in said
    assert os.environ["MICROGRAD_VN_LANG"] != lang
    assert argparse.ArgumentParser().format_usage().startswith("usage: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cau5"], "cau5"),
        (["--lang", "fr"], "fr"),
        (["--format", "gif"], "gif"),
        (["cau3", "--x", "abc"], "abc"),
        (["cau3", "--y-hat", "0.9"], "--y-hat"),
        (["cau3", "--nonsense"], "--nonsense"),
        (["cau3", "--y", "2"], "y = 2: lớp đúng phải là 0 hoặc 1"),
        (["cau3", "--y", "2", "--lang", "en"], "y = 2: the right class is 0 or 1"),
        (["cau3", "--y-hat", "0.9", "0.2"], "có tổng bằng 1"),
        (["cau4", "--x", "0"], "∂R/∂w₁ = 0"),
        (["moons", "--points", "1"], "--points 1 < 2"),
        (["--solution", "moons"], "moons: tùy chọn không áp dụng được: --solution"),
        (["moons", "--html"], "--html"),
        (["--file", "{file}"], "tệp không có bài tập nào"),
        (["--file", "{file}.none"], "file.none: không có tệp hoặc thư mục này"),
        (["cau4", "--dL-dw1", "1e308", "--x", "1e-5", "--w1", "1"], "∂R/∂w₁ = 1·10⁻⁵"),
        (["cau4", "--w1", "1e308"], "mul(w₁=1e+308, x=3.0): kết quả quá lớn"),
        (["cau3", "--out", "{file}"], "file/cau3.svg: đã có tệp mang tên này"),
    ],
)
def test_a_bad_argument_exits_with_2_and_one_clear_line(
    arguments, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "file"
    file.write_text("mine = 1")
    with pytest.raises(SystemExit) as stopped:
        main([a.format(file=file) for a in arguments])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "mine = 1"


@pytest.mark.parametrize(
    ("command", "heading"),
    [([], "exercises and commands:"), (["check"], "exercises:"), (["check", "cau3"], "arguments:")],
)
def test_help_says_what_it_lists(command, heading, capsys):
    with pytest.raises(SystemExit):
        main(["--lang", "en", *command, "--help"])
    printed = capsys.readouterr().out.splitlines()
    assert next(x for x in printed if x.endswith(":") and x[0] != " ") == heading


@pytest.mark.parametrize("command", ["set", "quiz", "moons", "cau3"])
def test_help_has_one_heading_for_options(command, capsys):
    with pytest.raises(SystemExit):
        main(["--lang", "en", command, "--help"])
    assert capsys.readouterr().out.splitlines().count("options:") == 1
