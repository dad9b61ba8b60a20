"""The givens of an exercise as options of a command: ``--w2 0.5 --y-hat 0.9 0.1``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from micrograd_vn.exercises import Definition

__all__ = ["add_givens", "decimal", "given"]


def decimal(text: str) -> float:
    """Return a number as typed, with a decimal point or comma: 3 is not 3.0."""
    try:
        return int(text)
    except ValueError:
        return float(text.replace(",", "."))


decimal.__name__ = "number"  # what argparse calls it


def add_givens(
    parser: argparse.ArgumentParser, definition: Definition[Any], text: Mapping[str, str]
) -> None:
    """Add an option for each given; `text` has the phrases of the help."""
    givens = parser.add_argument_group(text["givens"])
    for name, parameter in definition.signature.parameters.items():
        default, shown = parameter.default, name.upper()
        several = isinstance(default, tuple)
        numbers = default if several else (default,)
        givens.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=int if isinstance(default, int) else decimal,
            nargs=len(numbers) if several else None,
            metavar=tuple(f"{shown}{i}" for i in range(len(numbers))) if several else shown,
            help=text["default"].format(" ".join(map(str, numbers))),
        )


def given(definition: Definition[Any], options: argparse.Namespace) -> dict[str, Any]:
    """Return the givens that were typed."""
    return {
        name: tuple(x) if isinstance(x, list) else x
        for name, x in vars(options).items()
        if name in definition.signature.parameters
    }
