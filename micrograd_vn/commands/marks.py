"""``micrograd-vn check``: checks the answers of a student, or of a whole class."""

from __future__ import annotations

import argparse
import importlib.util
import pathlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from micrograd_vn.commands.applying import refuse, refuse_file
from micrograd_vn.commands.givens import add_givens, decimal, given
from micrograd_vn.commands.speaking import reason
from micrograd_vn.errors import message
from micrograd_vn.exercises import Definition, Exercise, Homework, check_class, load_homework
from micrograd_vn.exercises.marking import ClassReport
from micrograd_vn.files import write
from micrograd_vn.phrases import phrases

__all__ = ["add", "run"]


def add(
    commands: Any, exercises: Mapping[str, Definition[Any]], *, lang: str, **options: Any
) -> None:
    """Add the parser of the command, with one for each exercise."""
    text = phrases("help", lang)
    parser = commands.add_parser(
        "check", help=text["check"], lang=lang, heading="exercises alone", **options
    )
    named = parser.add_subparsers(dest="checked", metavar=text["metavar"], required=True)
    for name, definition in exercises.items():
        sub = named.add_parser(name, help=definition.name[lang], lang=lang, **options)
        sub.add_argument("answer", nargs="?", metavar=text["answers"], help=text["answers help"])
        sub.add_argument("--answers", metavar="CSV", help=text["answers table"])
        sub.add_argument("--manifest", metavar="JSON", help=text["manifest of answers"])
        sub.add_argument("--student", help=text["student"])
        sub.add_argument("--marks", type=_points, help=text["marks"])
        sub.add_argument("--write", action="store_true", help=text["write"])
        add_givens(sub, definition, text)


def run(options: argparse.Namespace, exercises: Mapping[str, Definition[Any]]) -> None:
    """Check the answers, print what is said of them, and write the reports."""
    name = options.checked
    typed, table = (getattr(options, option, None) for option in ("answer", "answers"))
    if (typed is None) == (table is None):
        raise ValueError(phrases("class", options.lang)["which answers"])
    _refuse(options, exercises[name], alone=table is None)
    work, student = _work(options, exercises[name]), getattr(options, "student", "")
    who = "code" if isinstance(work, Homework) else "name"
    rows = table if table is not None else [{who: student, "answers": typed}]
    with _progress() as step:
        report = check_class(
            work,
            rows,
            exercise=name,
            lang=options.lang,
            marks=getattr(options, "marks", None),
            progress=step,
        )
    if table is None:
        (entry,) = report.entries
        if entry.report is None:
            raise ValueError(entry.problem)
        print(entry.report, end="")
        if not options.write:
            return
    else:
        print(report)
    _write(report, pathlib.Path(options.out), options, alone=table is None)


def _refuse(options: argparse.Namespace, definition: Definition[...], *, alone: bool) -> None:
    """Raise if an option has no effect, with the others."""
    if "manifest" in options.typed:
        refuse(options, "file")
    refuse_file(options, definition)
    if not alone:
        refuse(options, "format dot", "student", "write")
        return
    refuse(options, "format", *([] if options.write else ["out"]))
    if "manifest" in options.typed and "student" not in options.typed:
        raise ValueError(phrases("class", options.lang)["which student"])
    if not options.write and "manifest" not in options.typed:
        refuse(options, "student")


def _points(text: str) -> dict[str, float]:
    """Return the points of each quantity, as typed: ``∂L/∂h₀ = 1; ∂L/∂R = 2``."""
    pairs = [part.rpartition("=") for part in text.split(";") if part.strip()]
    return {name.strip(): decimal(worth) for name, _, worth in pairs}


_points.__name__ = "marks"  # what argparse calls it


def _work(options: argparse.Namespace, definition: Definition[Any]) -> Exercise | Homework:
    """Return the exercise that was done, or the set of homework."""
    givens, manifest = given(definition, options), getattr(options, "manifest", None)
    if manifest is None:
        return definition(**givens)
    if givens:
        raise ValueError(message("manifest says givens", manifest, ", ".join(givens)))
    return load_homework(manifest)


def _write(
    report: ClassReport, out: pathlib.Path, options: argparse.Namespace, *, alone: bool
) -> None:
    """Write what was found, and say where; raise if some of it can't be written."""
    said, failed = phrases("class", options.lang), []
    files: dict[str, tuple[str, Callable[[], bytes | str]]] = {
        "reports.html": ("report", report.to_html),
        "reports.json": ("report", report.to_json),
    }
    if not alone:
        files["marks.csv"] = "marks", report.to_csv
        files[f"marks.{options.format}"] = "picture", partial(report.plot, options.format)
    for file, (kind, content) in files.items():
        try:
            out.mkdir(parents=True, exist_ok=True)
            write(out / file, content())
        except (OSError, ImportError) as error:
            hint = "; pip install matplotlib" if isinstance(error, ImportError) else ""
            failed.append(f"{reason(error, out / file)}{hint}")
        else:
            print(f"{said[kind]}: {out / file}")
    if failed:
        raise OSError("; ".join(failed))


@contextmanager
def _progress() -> Iterator[Callable[[int], object]]:
    """Yield what is told of students done; a terminal shows a bar once it takes a second."""
    if not sys.stderr.isatty() or importlib.util.find_spec("tqdm") is None:
        yield lambda n: None
        return
    from tqdm import tqdm

    with tqdm(delay=1, leave=False) as bar:
        yield bar.update
