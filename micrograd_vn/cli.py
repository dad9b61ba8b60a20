"""The command ``micrograd-vn``: solves exercises, and writes their pictures and pages."""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import io
import os
import pathlib
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from micrograd_vn.commands import COMMANDS
from micrograd_vn.commands.applying import refuse, refuse_file
from micrograd_vn.commands.givens import add_givens, given
from micrograd_vn.commands.speaking import reason, speaking
from micrograd_vn.engine import Constant, topological_order
from micrograd_vn.errors import message
from micrograd_vn.exercises import Definition, Exercise, cau3, cau4, network, page
from micrograd_vn.exercises.homework import exercises_of, known_exercises
from micrograd_vn.files import write
from micrograd_vn.formulas.document import Document
from micrograd_vn.formulas.text import Text, number
from micrograd_vn.formulas.tree import Derivative, Name, rounded
from micrograd_vn.phrases import LANGUAGES, language, phrases
from micrograd_vn.readers.numbers import drawn, equals

# What the course's own solutions give for ∂L/∂R, to be shown beside what we find.
COURSE_ANSWER = -0.11
_FLAGS = ("sheet", "solution", "html", "latex", "markdown", "text", "live")
_FAILURES = (OSError, ArithmeticError, ValueError, RuntimeError, ImportError)


class _Parser(argparse.ArgumentParser):
    """Speaks one language, and says in one line what is wrong."""

    def __init__(
        self,
        *,
        lang: str = "vi",
        heading: str = "arguments",
        parents: Sequence[argparse.ArgumentParser] = (),
        **options: Any,
    ) -> None:
        text = phrases("help", lang)

        class Help(argparse.HelpFormatter):
            def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:
                prefix = text["usage"] + " " if prefix is None else prefix
                super().add_usage(usage, actions, groups, prefix)

        super().__init__(**options | {"add_help": False, "formatter_class": Help})
        self._own = text["of your own"]
        self._positionals.title, self._optionals.title = text[heading], text["options"]
        for parent in parents:  # now that groups that are alike have one title
            self._add_container_actions(parent)
        # -1e-3 is a number, not an option, and so is -0,4; Python before 3.14 knows only -0.001.
        self._negative_number_matcher = re.compile(
            r"-(\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?$", re.IGNORECASE
        )

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            if isinstance(action, argparse._SubParsersAction):
                error.message += f"; {self._own}"
            raise

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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # Vietnamese, on any system
    try:
        _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _run(arguments: Sequence[str] | None) -> None:
    first = _Parser(prog="micrograd-vn", argument_default=argparse.SUPPRESS)
    for option in ("--lang", "--file", "--manifest"):
        first.add_argument(option, nargs="?")  # what is missing is said later
    known = vars(first.parse_known_args(arguments)[0])
    lang = known["lang"] if known.get("lang") in LANGUAGES else language()
    with speaking(lang):
        _solve(arguments, lang, known.get("file"), known.get("manifest"))


def _solve(
    arguments: Sequence[str] | None, lang: str, file: str | None, manifest: str | None
) -> None:
    """Do what the arguments say; some of them are known already."""
    first = _Parser(prog="micrograd-vn", lang=lang)
    try:
        exercises = known_exercises(file or _named_by(manifest))
    except Exception as error:  # whatever a user's file may raise
        kind = "" if isinstance(error, OSError) else f"{file or manifest}: {type(error).__name__}: "
        first.error(kind + reason(error))
    if taken := exercises.keys() & COMMANDS.keys():
        first.error(message("name of a command", ", ".join(sorted(taken))))
    parser = _parser(exercises, lang)
    defaults = {"lang": lang, "out": ".", "format": "svg", "exercise": None, "write": False}
    typed = vars(parser.parse_args(arguments))
    flags = dict.fromkeys(_FLAGS, False)
    options = argparse.Namespace(**defaults | flags | typed, typed=typed)
    try:
        if options.exercise in COMMANDS:
            refuse(options, *_FLAGS)
            COMMANDS[options.exercise].run(options, exercises)
            return
        _refuse(options, exercises)
    except BrokenPipeError:
        raise
    except _FAILURES as error:
        parser.error(f"{options.exercise}: {reason(error)}" if options.exercise else reason(error))
    out, failed = pathlib.Path(options.out), []
    # The network is both Câu 3 and Câu 4, so one has to ask for it.
    all_of_them = [name for name, x in exercises.items() if x is not network]
    for name in [options.exercise] if options.exercise else all_of_them:
        givens = given(exercises[name], options)
        try:
            exercise = exercises[name](**givens)
        except _FAILURES as error:
            parser.error(f"{name}: {error}")
        at_course = not givens and exercise.definition in (cau3, cau4)
        print(_printed(exercise, options, at_course=at_course))
        failed += _written(name, exercise, options, out)
        print()
    if failed:
        sys.stdout.flush()
        parser.error("\n".join(failed).replace("\n", f"\n{parser.prog}: "))


def _refuse(options: argparse.Namespace, exercises: dict[str, Definition[Any]]) -> None:
    """Raise if an option has no effect, with the others, on what is printed and written."""
    if options.exercise:
        refuse_file(options, exercises[options.exercise])
    pages = options.html or options.latex or options.markdown or options.text
    if options.sheet and options.solution and not pages:
        refuse(options, "sheet")
    if options.sheet and not options.solution:
        refuse(options, "format", *([] if pages or options.live else ["out"]))


def _named_by(manifest: str | None) -> pathlib.Path | None:
    """Return the file of exercises that a manifest names; what is wrong with it is said later."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return exercises_of(manifest) if manifest else None
    return None


def _written(
    name: str, exercise: Exercise, options: argparse.Namespace, out: pathlib.Path
) -> list[str]:
    """Write what was asked for, and return what is wrong with the rest."""
    lang, text = options.lang, phrases("command", options.lang)
    files: dict[str, tuple[str, Callable[[], bytes | str]]] = {}
    if not options.sheet or options.solution:
        files[f"{name}.{options.format}"] = (
            "diagram",
            partial(exercise.draw(lang).pipe, options.format),
        )
    kinds = [("sheet", "-sheet")] if options.sheet else []
    kinds += [("page", "")] if options.solution or not options.sheet else []
    for kind, suffix in kinds:
        made = page.Page(exercise, lang, sheet=kind == "sheet", stem=f"{name}{suffix}")
        if options.html:
            files[f"{name}{suffix}.html"] = kind, made.html
        if options.text:
            files[f"{name}{suffix}.txt"] = kind, made.text
        for wanted, page_format, written, picture_format in (
            (options.latex, "tex", made.latex, "pdf"),
            (options.markdown, "md", made.markdown, "svg"),
        ):
            if wanted:
                files[f"{name}{suffix}.{page_format}"] = kind, written
                for file, figure in made.pictures.items():
                    files[f"{file}.{picture_format}"] = (
                        "picture",
                        partial(figure.pipe, picture_format),
                    )
    if options.live:
        files[f"{name}-live.html"] = "live", lambda: exercise.play(lang).html
    failed = []
    for file, (kind, content) in files.items():
        try:
            out.mkdir(parents=True, exist_ok=True)
            write(out / file, content())
        except _FAILURES as error:
            failed.append(reason(error, out / file))
        else:
            print(f"{text[kind]}: {out / file}")
    return failed


def _parser(exercises: dict[str, Definition[Any]], lang: str) -> argparse.ArgumentParser:
    text = phrases("help", lang)
    unset: dict[str, Any] = {"argument_default": argparse.SUPPRESS, "lang": lang}
    common = _Parser(**unset)
    common.add_argument("-h", "--help", action="help", help=text["help"])
    version = importlib.metadata.version("micrograd_vn")
    common.add_argument(
        "--version", action="version", version=f"micrograd-vn {version}", help=text["version"]
    )
    common.add_argument("--lang", choices=LANGUAGES, help=text["lang"])
    common.add_argument("--out", metavar="DIR", help=text["out"])
    common.add_argument("--format", choices=["svg", "pdf", "png", "dot"], help=text["format"])
    common.add_argument("--file", metavar="FILE", help=text["file"])
    pages = _Parser(**unset)
    for flag in _FLAGS:
        pages.add_argument(f"--{flag}", action="store_true", help=text[flag])
    parser = _Parser(
        prog="micrograd-vn", description=text["description"], epilog=text["epilog"],
        parents=[common, pages], lang=lang, heading="exercises",
    )  # fmt: skip
    commands = parser.add_subparsers(dest="exercise", metavar=text["metavar"])
    for name, definition in exercises.items():
        sub = commands.add_parser(
            name, help=definition.name[lang], parents=[common, pages], **unset
        )
        add_givens(sub, definition, text)
    for command in COMMANDS.values():
        command.add(commands, exercises, parents=[common], **unset)
    return parser


def _printed(exercise: Exercise, options: argparse.Namespace, *, at_course: bool) -> str:
    """Return what is printed: the statement, the solution, or what was found."""
    lang = options.lang
    parts = [exercise.name[lang], str(exercise.statement[lang]).rstrip()]
    if exercise.definition.figure is not None:
        parts.append(str(page.in_words(exercise, lang)).rstrip())
    if options.solution:
        parts.append(str(exercise.explain(lang)))
    elif not options.sheet:
        parts.append(_found(exercise, lang, at_course=at_course))
    return "\n\n".join(parts)


def _found(exercise: Exercise, lang: str, *, at_course: bool) -> str:
    """Return the quantities that the exercise leads to."""
    text, written = phrases("command", lang), Text()
    rows = [("", text["value"], text["derivative"].format(written(exercise.asked.of)))]
    used = set(topological_order(exercise.output))
    for label, node in exercise.nodes.items():
        if label not in exercise.givens and not isinstance(node, Constant):
            symbol = written(Derivative(exercise.asked.of, [Name(label)]))
            slope = rounded(node.grad)
            said = f"{symbol} {equals(slope, node.grad)} {written(slope)}"
            derivative = said if node in used else ""
            rows.append((label, written(drawn(node, 4)), derivative))
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    result = str(Document([exercise.result(lang)])).rstrip()
    if at_course:
        result += f"    ({text['course']}: {number(COURSE_ANSWER)})"
    lines = [f"  {a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows]
    return "\n".join([f"{text['found']}:", *lines, result])
