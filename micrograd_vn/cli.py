"""The command ``micrograd-vn``: solves the exercises and draws their diagrams."""

from __future__ import annotations

import argparse
import inspect
import io
import pathlib
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from micrograd_vn import page
from micrograd_vn.engine import topological_order
from micrograd_vn.exercises import Exercise, GivensError, cau3, cau4
from micrograd_vn.notation import number

EXERCISES: dict[str, Callable[..., Exercise]] = {"cau3": cau3, "cau4": cau4}

# What the course's own solutions give for ∂L/∂R, to be shown beside what we find.
COURSE_ANSWER = -0.11

TEXT = {
    "vi": {
        "givens": "Giả thiết",
        "found": "Các đại lượng tìm được",
        "value": "giá trị",
        "derivative": "đạo hàm của L",
        "result": "Kết quả",
        "course": "lời giải của khóa học",
        "diagram": "Sơ đồ",
        "page": "Lời giải",
    },
    "en": {
        "givens": "Givens",
        "found": "Quantities found",
        "value": "value",
        "derivative": "derivative of L",
        "result": "Result",
        "course": "the course's solution",
        "diagram": "Diagram",
        "page": "Solution",
    },
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong."""
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        As on the command line, without the name of the program.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # Vietnamese, on any system
    parser = _parser()
    defaults = argparse.Namespace(lang="vi", out=".", format="svg", exercise=None)
    for flag in ("solution", "html", "latex"):
        setattr(defaults, flag, False)
    options = parser.parse_args(arguments, defaults)
    out = pathlib.Path(options.out)
    for name in [options.exercise] if options.exercise else EXERCISES:
        names = inspect.signature(EXERCISES[name]).parameters
        givens = {key: value for key, value in vars(options).items() if key in names}
        try:
            exercise = EXERCISES[name](**givens)
            if options.solution:
                print(_solution(exercise, options.lang))
            else:
                print(_report(exercise, options.lang, at_course=not givens))
            diagram = exercise.draw()
            files = {options.format: diagram.pipe(options.format)}
            if options.html:
                files["html"] = page.html(exercise, options.lang).encode()
            if options.latex:
                files["tex"] = page.latex(exercise, options.lang).encode()
            out.mkdir(parents=True, exist_ok=True)
            for suffix, content in files.items():
                path = out / f"{name}.{suffix}"
                path.write_bytes(content)
                kind = TEXT[options.lang]["page" if suffix in ("html", "tex") else "diagram"]
                print(f"{kind}: {path}")
            print()
        except GivensError as error:
            parser.error(f"{name}: {error.text[options.lang]}")
        except (OSError, ArithmeticError, RuntimeError, ImportError) as error:
            parser.error(f"{name}: {error}")


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--lang", choices=["vi", "en"], help="ngôn ngữ / language (mặc định / default: vi)"
    )
    common.add_argument(
        "--out", metavar="DIR", help="thư mục chứa sơ đồ / folder for the diagrams (.)"
    )
    common.add_argument(
        "--format",
        choices=["svg", "pdf", "png", "dot"],
        help="định dạng của sơ đồ / format of the diagrams (svg); pdf, png: cần / need Graphviz",
    )
    for flag, text in [
        ("solution", "in lời giải từng bước / print the solution, step by step"),
        ("html", "viết đề bài, lời giải và sơ đồ thành trang HTML / write them as a web page"),
        ("latex", "viết đề bài và lời giải thành tài liệu LaTeX / write them as a document"),
    ]:
        common.add_argument(f"--{flag}", action="store_true", help=text)
    parser = _Parser(
        prog="micrograd-vn",
        description="Giải Câu 3 và Câu 4, vẽ đồ thị tính toán của chúng. / "
        "Solve the exercises Câu 3 and Câu 4 and draw their computational graphs.",
        epilog="Không nêu bài nào: giải cả hai. / Without an exercise: both.",
        parents=[common],
    )
    exercises = parser.add_subparsers(dest="exercise", metavar="EXERCISE")
    for name, exercise in EXERCISES.items():
        sub = exercises.add_parser(
            name,
            help=f"chỉ Câu {name[-1]}, với số liệu tùy chọn / only this one, givens of your own",
            parents=[common],
            argument_default=argparse.SUPPRESS,
        )
        for given, parameter in inspect.signature(exercise).parameters.items():
            default = parameter.default
            several = isinstance(default, tuple)
            sub.add_argument(
                f"--{given.replace('_', '-')}",
                dest=given,
                type=int if given == "y" else float,
                nargs=len(default) if several else None,
                metavar=tuple(f"{given.upper()}{i}" for i in range(len(default)))
                if several
                else given.upper(),
                help=f"mặc định / default: {' '.join(map(str, default)) if several else default}",
            )
    return parser


def _solution(exercise: Exercise, lang: str) -> str:
    return "\n\n".join([exercise.name, exercise.statement[lang], str(exercise.explain(lang))])


def _report(exercise: Exercise, lang: str, *, at_course: bool) -> str:
    text = TEXT[lang]
    givens = ", ".join(f"{label} = {number(x, 6)}" for label, x in exercise.givens.items())
    rows = [("", text["value"], text["derivative"])]
    used = set(topological_order(exercise.output))
    for label, node in exercise.nodes.items():
        if label not in exercise.givens or node.op:
            derivative = f"∂L/∂{label} = {number(node.grad, 5)}" if node in used else ""
            rows.append((label, number(node.data), derivative))
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    lines = [
        exercise.name,
        "",
        exercise.statement[lang],
        "",
        f"{text['givens']}: {givens}",
        f"{text['found']}:",
        *(f"  {a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows),
        f"{text['result']}: ∂L/∂R = {number(exercise.answer, 5)} ≈ {number(exercise.rounded)}",
    ]
    if at_course:
        lines[-1] += f"    ({text['course']}: {number(COURSE_ANSWER)})"
    return "\n".join(lines)
