"""``micrograd-vn set``: writes sheets, solutions, key and manifest of a set of homework."""

from __future__ import annotations

import argparse
import importlib.util
import pathlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from micrograd_vn.commands.applying import refuse
from micrograd_vn.commands.speaking import reason
from micrograd_vn.errors import message
from micrograd_vn.exercises import Definition, Homework, assign, load_homework, read_students
from micrograd_vn.exercises.booklet import Booklet
from micrograd_vn.exercises.key import key_csv, key_json
from micrograd_vn.files import write
from micrograd_vn.phrases import phrases
from micrograd_vn.readers.rendering import album

__all__ = ["add", "add_choice", "chosen", "progress_bar", "run"]

_DRAWN = ("count", "seed", "students", "title", "file")  # what a manifest says


def add(
    commands: Any, exercises: Mapping[str, Definition[Any]], *, lang: str, **options: Any
) -> None:
    """Add the parser of the command."""
    text = phrases("help", lang)
    parser = commands.add_parser("set", help=text["set"], lang=lang, **options)
    add_choice(parser, lang)
    parser.add_argument("--students", metavar="CSV", help=text["students"])


def add_choice(parser: argparse.ArgumentParser, lang: str) -> None:
    """Add what says of which exercises, and how many variants, a set is."""
    text = phrases("help", lang)
    parser.add_argument("exercises", nargs="*", metavar=text["metavar"], help=text["set of"])
    parser.add_argument("--count", type=int, metavar="N", help=text["count"])
    parser.add_argument("--seed", type=int, metavar="N", help=text["seed"].format(0))
    parser.add_argument("--title", help=text["title"])
    parser.add_argument("--manifest", metavar="JSON", help=text["manifest"])


def run(options: argparse.Namespace, exercises: Mapping[str, Definition[Any]]) -> None:
    """Make the set and write its files, those that can be written; name the others."""
    said, failed = phrases("homework", options.lang), []
    with progress_bar() as (begin, step):
        homework = chosen(options, exercises, begin, step)
        manifest = pathlib.Path(options.out, "manifest.json")
        if manifest.exists() and manifest.read_text("utf-8") != homework.manifest(options.out):
            raise ValueError(message("another set", manifest))
        for name, content in _files(homework, pathlib.Path(options.out), begin, step).items():
            path = pathlib.Path(options.out, name)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write(path, content())
            except (OSError, RuntimeError, ImportError) as error:
                failed.append(reason(error, path))
    count, last = len(homework.variants), homework.variants[-1].code
    print(f"{homework.title}: {said['made'].format(count, homework.variants[0].code, last)}")
    for name in ("sheets", "solutions", "key", "manifest"):
        written = [
            str(p)
            for suffix in ("html", "tex", "csv", "json")
            if (p := pathlib.Path(options.out, f"{name}.{suffix}")).is_file()
        ]
        if written:
            print(f"{said[name]}: {', '.join(written)}")
    if failed:
        raise OSError("; ".join(failed))


def chosen(
    options: argparse.Namespace,
    exercises: Mapping[str, Definition[Any]],
    begin: Callable[[int], object],
    step: Callable[[int], object],
) -> Homework:
    """Return the set that was asked for."""
    refuse(options, "format")
    given = {name: x for name in _DRAWN if (x := getattr(options, name, None)) is not None}
    names, manifest = getattr(options, "exercises", []), getattr(options, "manifest", None)
    if manifest is not None:
        if refused := [*names, *[f"--{name}" for name in given]]:
            raise ValueError(message("manifest says all", manifest, ", ".join(refused)))
        return load_homework(manifest)
    known = exercises
    if unknown := [name for name in names if name not in known]:
        raise ValueError(message("no such exercise", ", ".join(unknown), ", ".join(known)))
    if not names:
        raise ValueError(message("which exercises", ", ".join(known)))
    if "students" in given:
        given["students"] = read_students(given["students"])
    elif "count" not in given:
        is_quiz = options.exercise == "quiz"
        raise ValueError(message("no count for quiz") if is_quiz else message("no count for set"))
    begin(len(names))
    chosen = {name: known[name] for name in names}
    return assign(chosen, lang=options.lang, progress=lambda _: step(1), **given)


def _files(
    homework: Homework,
    out: pathlib.Path,
    begin: Callable[[int], object],
    step: Callable[[int], object],
) -> dict[str, Callable[[], bytes | str]]:
    """Return what makes each file, by name; first what the others can be made from again."""
    files: dict[str, Callable[[], bytes | str]] = {
        "manifest.json": partial(homework.manifest, out),
        "key.csv": partial(key_csv, homework),
        "key.json": partial(key_json, homework),
    }
    begin(4 * len(homework.variants))
    for name in ("sheets", "solutions"):
        booklet = Booklet(homework, sheet=name == "sheets", progress=step)
        files[f"{name}.html"] = partial(booklet.html, step)
        files[f"{name}.tex"] = booklet.latex
        for picture, diagrams in booklet.pictures.items():
            if diagrams and f"{picture}.pdf" not in files:
                begin(len(diagrams))
                files[f"{picture}.pdf"] = partial(_album, diagrams, step)
    return files


def _album(diagrams: list[Any], step: Callable[[int], object]) -> bytes:
    def one_by_one() -> Iterator[Any]:
        for diagram in diagrams:
            yield diagram
            step(1)

    return album(one_by_one())


@contextmanager
def progress_bar() -> Iterator[tuple[Callable[[int], object], Callable[[int], object]]]:
    """Yield what is told how many steps there will be more, and what is told of steps done.

    A bar is shown in a terminal, once it has taken a second.
    """
    if not sys.stderr.isatty() or importlib.util.find_spec("tqdm") is None:
        yield lambda n: None, lambda n: None
        return
    from tqdm import tqdm

    with tqdm(total=0, delay=1, leave=False) as bar:

        def begin(n: int) -> None:
            bar.total += n

        yield begin, bar.update
