"""Options without an effect are refused, so that nobody waits for one."""

from __future__ import annotations

import argparse

from micrograd_vn.errors import message
from micrograd_vn.exercises import Definition
from micrograd_vn.exercises.collection import is_of_file

__all__ = ["refuse", "refuse_file"]


def refuse(options: argparse.Namespace, *without_effect: str) -> None:
    """Raise if one of these options was typed; ``"format dot"`` is that choice of it.

    Raises
    ------
    ValueError
        One was.
    """
    typed = {f"{name} {x}" for name, x in options.typed.items()} | set(options.typed)
    if found := [f"--{option}" for option in without_effect if option in typed]:
        raise ValueError(message("does not apply", ", ".join(found)))


def refuse_file(options: argparse.Namespace, definition: Definition[...]) -> None:
    """Raise if a file of exercises was named of which this is none."""
    if not is_of_file(definition):
        refuse(options, "file")
