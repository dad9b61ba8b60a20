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

from micrograd_vn.engine import topological_order
from micrograd_vn.exercises import Exercise, GivensError, cau3, cau4, page
from micrograd_vn.formulas.phrases import LANGUAGES, phrases
from micrograd_vn.formulas.text import number

EXERCISES: dict[str, Callable[..., Exercise]] = {"cau3": cau3, "cau4": cau4}

# What the course's own solutions give for ∂L/∂R, to be shown beside what we find.
COURSE_ANSWER = -0.11


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
                kind = phrases("command", options.lang)[
                    "page" if suffix in ("html", "tex") else "diagram"
                ]
                print(f"{kind}: {path}")
            print()
        except GivensError as error:
            parser.error(f"{name}: {error.text[options.lang]}")
        except (OSError, ArithmeticError, ValueError, RuntimeError, ImportError) as error:
            parser.error(f"{name}: {error}")


def _help(option: str) -> str:
    """Return what `--help` says of an option, in both languages."""
    return " / ".join(phrases("help", lang)[option] for lang in LANGUAGES)


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--lang", choices=LANGUAGES, help=_help("lang"))
    common.add_argument("--out", metavar="DIR", help=_help("out"))
    common.add_argument("--format", choices=["svg", "pdf", "png", "dot"], help=_help("format"))
    for flag in ("solution", "html", "latex"):
        common.add_argument(f"--{flag}", action="store_true", help=_help(flag))
    parser = _Parser(
        prog="micrograd-vn",
        description=_help("description"),
        epilog=_help("epilog"),
        parents=[common],
    )
    exercises = parser.add_subparsers(dest="exercise", metavar="EXERCISE")
    options: dict[str, Any] = {"parents": [common], "argument_default": argparse.SUPPRESS}
    for name, exercise in EXERCISES.items():
        sub = exercises.add_parser(name, help=_help("exercise"), **options)
        for given, parameter in inspect.signature(exercise).parameters.items():
            default, shown = parameter.default, given.upper()
            numbers = default if isinstance(default, tuple) else (default,)
            several = isinstance(default, tuple)
            sub.add_argument(
                f"--{given.replace('_', '-')}",
                dest=given,
                type=int if given == "y" else float,
                nargs=len(numbers) if several else None,
                metavar=tuple(f"{shown}{i}" for i in range(len(numbers))) if several else shown,
                help=_help("default").format(" ".join(map(str, numbers))),
            )
    moons = exercises.add_parser("moons", help=_help("moons"), **options)
    for option, default in (("steps", 100), ("points", 100), ("seed", 0)):
        moons.add_argument(f"--{option}", type=int, help=_help(option).format(default))
    return parser


def _moons(parser: argparse.ArgumentParser, options: argparse.Namespace, out: pathlib.Path) -> None:
    """Train the classifier, print how well it does, and write its picture."""
    from micrograd_vn import moons

    text = phrases("command", options.lang)
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
    return "\n\n".join(
        [exercise.name, str(exercise.statement[lang]).rstrip(), str(exercise.explain(lang))]
    )


def _report(exercise: Exercise, lang: str, *, at_course: bool) -> str:
    text = phrases("command", lang)
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
        str(exercise.statement[lang]).rstrip(),
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
