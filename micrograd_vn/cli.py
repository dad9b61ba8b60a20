"""The command ``micrograd-vn``: solves the exercises and draws their diagrams."""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import io
import pathlib
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from micrograd_vn import page
from micrograd_vn.engine import topological_order
from micrograd_vn.exercises import Exercise, GivensError, cau3, cau4
from micrograd_vn.notation import number

EXERCISES: dict[str, Callable[..., Exercise]] = {"cau3": cau3, "cau4": cau4}

# What the course's own solutions give for ∂L/∂R, to be shown beside what we find.
COURSE_ANSWER = -0.11

TEXT = {
    "vi": {
        "givens": "Dữ kiện",
        "found": "Các đại lượng tính được",
        "value": "giá trị",
        "derivative": "đạo hàm của L",
        "result": "Kết quả",
        "course": "lời giải của khóa học",
        "diagram": "Sơ đồ",
        "page": "Lời giải",
        "step": "Bước",
        "loss": "hàm mất mát",
        "accuracy": "Độ chính xác",
        "points": "điểm",
        "picture": "Hình",
        "no picture": "không vẽ được hình",
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
        "step": "Step",
        "loss": "loss",
        "accuracy": "Accuracy",
        "points": "points",
        "picture": "Picture",
        "no picture": "no picture can be drawn",
    },
}


class _Parser(argparse.ArgumentParser):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # -1e-3 is a number, not an option; Python before 3.14 knows only -0.001.
        self._negative_number_matcher = re.compile(r"-(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$", re.I)

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
    for name, default in (("steps", 100), ("points", 100), ("seed", 0)):
        setattr(defaults, name, default)
    options = parser.parse_args(arguments, defaults)
    out = pathlib.Path(options.out)
    if options.exercise == "moons":
        _moons(parser, options, out)
        return
    for name in [options.exercise] if options.exercise else EXERCISES:
        names = inspect.signature(EXERCISES[name]).parameters
        givens = {key: value for key, value in vars(options).items() if key in names}
        try:
            exercise = EXERCISES[name](**givens)
            files = {options.format: exercise.draw().pipe(options.format)}
            if options.html:
                files["html"] = page.html(exercise, options.lang).encode()
            if options.latex:
                files["tex"] = page.latex(exercise, options.lang).encode()
            out.mkdir(parents=True, exist_ok=True)
            if options.solution:
                print(_solution(exercise, options.lang))
            else:
                print(_report(exercise, options.lang, at_course=not givens))
            for suffix, content in files.items():
                path = out / f"{name}.{suffix}"
                path.write_bytes(content)
                kind = TEXT[options.lang]["page" if suffix in ("html", "tex") else "diagram"]
                print(f"{kind}: {path}")
            print()
        except GivensError as error:
            parser.error(f"{name}: {error.text[options.lang]}")
        except (OSError, ArithmeticError, ValueError, RuntimeError, ImportError) as error:
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
        (
            "html",
            "viết đề bài, lời giải và sơ đồ thành trang HTML / "
            "write statement, solution and diagram as a web page",
        ),
        (
            "latex",
            "viết đề bài và lời giải thành tài liệu LaTeX / "
            "write statement and solution as a LaTeX document",
        ),
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
            help=f"chỉ giải Câu {name[-1]}, với số liệu tùy chọn / only this, with your numbers",
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
    moons = exercises.add_parser(
        "moons",
        help="huấn luyện mạng phân loại hai vầng trăng / train the two-moons classifier",
        parents=[common],
        argument_default=argparse.SUPPRESS,
    )
    moons.add_argument("--steps", type=int, help="số bước / steps (mặc định / default: 100)")
    moons.add_argument("--points", type=int, help="số điểm / points (mặc định / default: 100)")
    moons.add_argument("--seed", type=int, help="mặc định / default: 0")
    return parser


def _moons(parser: argparse.ArgumentParser, options: argparse.Namespace, out: pathlib.Path) -> None:
    """Train the classifier, print how well it does, and write its picture."""
    from micrograd_vn import moons

    text = TEXT[options.lang]
    for name, least in (("steps", 1), ("points", 2)):
        if getattr(options, name) < least:
            parser.error(f"moons: --{name} {getattr(options, name)} < {least}")
    X, y = moons.make_moons(options.points, seed=options.seed)
    progress = sys.stderr.isatty() and importlib.util.find_spec("tqdm") is not None
    model, losses = moons.train(X, y, steps=options.steps, seed=options.seed, progress=progress)
    shown = sorted({*range(0, options.steps, max(options.steps // 10, 1)), options.steps - 1})
    for k in shown:
        print(f"{text['step']} {k + 1:>4}   {text['loss']} {number(losses[k])}")
    share = moons.accuracy(model, X, y)
    print(f"{text['accuracy']}: {share:.0%} ({options.points} {text['points']})")
    path = out / f"moons.{'png' if options.format == 'dot' else options.format}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        moons.plot(model, X, y, path)
    except (ImportError, OSError) as error:
        hint = "; pip install matplotlib numpy" if isinstance(error, ImportError) else ""
        parser.error(f"moons: {text['no picture']}: {error}{hint}")
    print(f"{text['picture']}: {path}")


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
        f"{text['result']}: {exercise.question} = {number(exercise.answer, 5)}",
    ]
    if number(exercise.answer, 5) != number(exercise.rounded):
        lines[-1] += f" ≈ {number(exercise.rounded)}"
    if at_course:
        lines[-1] += f"    ({text['course']}: {number(COURSE_ANSWER)})"
    return "\n".join(lines)
