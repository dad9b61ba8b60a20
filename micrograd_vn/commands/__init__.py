"""Commands that are not about one exercise: a module each, with two functions.

``add(commands, exercises, lang=…, **options)`` adds the parser of the command to `commands`, with
its help in a language and with these options of `add_parser`; ``run(options, exercises)`` does
what it is for, with the options as parsed. Both get the exercises by name, of the user's own file
too. What is raised is said in one line. A further command is a module, and a row of the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, Protocol

from micrograd_vn.commands import homework, marks, moons, quiz
from micrograd_vn.exercises import Definition

__all__ = ["COMMANDS", "Command"]


class Command(Protocol):
    """What the module of a command has."""

    def add(
        self, commands: Any, exercises: Mapping[str, Definition[Any]], *, lang: str, **options: Any
    ) -> None:
        """Add the parser of the command."""

    def run(self, options: argparse.Namespace, exercises: Mapping[str, Definition[Any]]) -> None:
        """Do what the command is for."""


COMMANDS: dict[str, Command] = {"moons": moons, "set": homework, "quiz": quiz, "check": marks}
