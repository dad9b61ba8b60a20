"""``micrograd-vn quiz``: writes the variants of a set as questions for Moodle."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Mapping
from typing import Any

from micrograd_vn.commands.homework import add_choice, chosen, progress_bar
from micrograd_vn.exercises import Definition
from micrograd_vn.exercises.moodle import KINDS, quiz
from micrograd_vn.phrases import phrases

__all__ = ["add", "run"]


def add(
    commands: Any, exercises: Mapping[str, Definition[Any]], *, lang: str, **options: Any
) -> None:
    """Add the parser of the command."""
    text = phrases("help", lang)
    parser = commands.add_parser("quiz", help=text["quiz"], lang=lang, **options)
    add_choice(parser, lang)
    parser.add_argument("--kind", choices=list(KINDS), default="cloze", help=text["kind"])
    parser.add_argument("--category", help=text["category"])


def run(options: argparse.Namespace, exercises: Mapping[str, Definition[Any]]) -> None:
    """Make the set and write its questions."""
    with progress_bar() as (begin, step):
        homework = chosen(options, exercises, begin, step)
        names = list(homework.variants[0].exercises)
        begin(len(names) * len(homework.variants))
        made = quiz(
            [v.exercises[name] for name in names for v in homework.variants],
            options.kind,
            codes=[v.code for v in homework.variants] * len(names),
            category=getattr(options, "category", homework.title),
            lang=homework.lang,
            progress=step,
        )
    path = pathlib.Path(options.out, "quiz.xml")
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path)
    said = phrases("homework", options.lang)
    count, last = len(homework.variants), homework.variants[-1].code
    print(f"{homework.title}: {said['made'].format(count, homework.variants[0].code, last)}")
    print(f"{said['quiz']}: {path}")
