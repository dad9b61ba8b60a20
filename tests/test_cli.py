"""The command, as a user runs it."""

import os
import subprocess
import sys

import pytest

from micrograd_vn.cli import main


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
        "Dữ kiện: x = 3, w₂ = 0.3, w₂′ = −0.4, ŷ₀ = 0.8429, ŷ₁ = 0.1571, y = 0",
        "∂L/∂h₀ = −0.1571",
        "Kết quả: ∂L/∂R = −0.10997 ≈ −0.11    (lời giải của khóa học: −0.11)",
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


def test_options_may_stand_before_the_exercise(tmp_path, capsys):
    main(["--lang", "en", "--out", str(tmp_path), "--format", "dot", "cau4", "--w1", "1.5"])
    assert "w₁ = 1.5" in capsys.readouterr().out
    assert (tmp_path / "cau4.dot").read_text("utf-8").startswith("digraph")


def test_the_solution_step_by_step_and_as_pages(tmp_path, capsys):
    main(["cau3", "--solution", "--html", "--latex", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    for text in [
        "Câu 3\n\nXét một mạng nơ-ron đơn giản:",
        "Theo quy tắc chuỗi:",
        "(3) Kết hợp tính toán:",
        "Kết quả: ∂L/∂R = −0.11",
        f"Lời giải: {tmp_path}/cau3.html",
    ]:
        assert text in printed
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cau3.html", "cau3.svg", "cau3.tex"]
    assert "<math" in (tmp_path / "cau3.html").read_text("utf-8")
    assert "\\begin{document}" in (tmp_path / "cau3.tex").read_text("utf-8")
    main(["--lang", "en", "--solution", "--out", str(tmp_path)])
    assert "Câu 4\n\nConsider a simple neural network:" in capsys.readouterr().out


def test_pages_need_no_package_but_this(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "latex2mathml", None)
    main(["cau3", "--html", "--latex", "--out", str(tmp_path)])
    assert "<mfrac>" in (tmp_path / "cau3.html").read_text("utf-8")


def test_help_is_complete(capsys):
    for arguments, words in [
        (["--help"], ["--lang", "--out", "--format", "cau3", "cau4", "Giải", "Solve"]),
        (["cau3", "--help"], ["--x", "--w2", "--w2-prime", "--y-hat", "--y", "0.8429 0.1571"]),
        (["cau4", "--help"], ["--x", "--w1", "--b1", "--dL-dw1", "-0.3299", "--format"]),
    ]:
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        printed = capsys.readouterr().out
        assert all(word in printed for word in words)


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
        (["cau4", "--x", "0"], "x = 0.0"),
        (["cau4", "--dL-dw1", "1e308", "--x", "1e-5", "--w1", "1"], "∂R/∂w₁ = 1·10⁻⁵"),
        (["cau4", "--w1", "1e308"], "mul(w₁=1e+308, x=3.0): the result is too large"),
        (["cau3", "--format", "png"], "needs the program 'dot'"),
        (["cau3", "--out", "{file}"], "file"),
    ],
)
def test_a_bad_argument_exits_with_2_and_one_clear_line(arguments, said, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    done = run(*[a.format(file=file) for a in arguments], cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "mine"
