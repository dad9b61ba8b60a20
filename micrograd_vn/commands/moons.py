"""``micrograd-vn moons``: trains the two-moons classifier."""

from __future__ import annotations

import argparse
import importlib.util
import pathlib
import sys
from collections.abc import Mapping
from typing import Any

from micrograd_vn.commands.applying import refuse
from micrograd_vn.commands.speaking import reason
from micrograd_vn.exercises import Definition
from micrograd_vn.formulas.text import number
from micrograd_vn.phrases import phrases

__all__ = ["add", "run"]


def add(
    commands: Any, exercises: Mapping[str, Definition[Any]], *, lang: str, **options: Any
) -> None:
    """Add the parser of the command."""
    text = phrases("help", lang)
    parser = commands.add_parser("moons", help=text["moons"], lang=lang, **options)
    for option, default in (("steps", 100), ("points", 100), ("seed", 0)):
        parser.add_argument(
            f"--{option}", type=int, default=default, help=text[option].format(default)
        )


def run(options: argparse.Namespace, exercises: Mapping[str, Definition[Any]]) -> None:
    """Train the classifier, print how well it does, and write its picture."""
    from micrograd_vn import moons

    text, out = phrases("command", options.lang), pathlib.Path(options.out)
    refuse(options, "file", "format dot")
    for name, least in (("steps", 1), ("points", 2)):
        if getattr(options, name) < least:
            raise ValueError(f"--{name} {getattr(options, name)} < {least}")
    X, y = moons.make_moons(options.points, seed=options.seed)
    progress = sys.stderr.isatty() and importlib.util.find_spec("tqdm") is not None
    model, losses = moons.train(X, y, steps=options.steps, seed=options.seed, progress=progress)
    shown = sorted({*range(0, options.steps, max(options.steps // 10, 1)), options.steps - 1})
    for k in shown:
        print(f"{text['step']} {k + 1:>4}   {text['loss']} {number(losses[k])}")
    share = moons.accuracy(model, X, y)
    print(f"{text['accuracy']}: {share:.0%} ({options.points} {text['points']})")
    path = out / f"moons.{options.format}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        moons.plot(model, X, y, path)
    except (ImportError, OSError) as error:
        hint = "; pip install matplotlib numpy" if isinstance(error, ImportError) else ""
        raise OSError(f"{text['no picture']}: {reason(error)}{hint}") from None
    print(f"{text['picture']}: {path}")
