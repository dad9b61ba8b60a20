"""Exercises by name: ours, those of installed packages, and those of a user's file."""

from __future__ import annotations

import importlib.metadata
import os
import runpy
from typing import Any

from micrograd_vn.errors import message
from micrograd_vn.exercises.definition import Definition

__all__ = ["is_of_file", "of_file", "of_packages"]


def of_packages() -> dict[str, Definition[Any]]:
    """Return the exercises of installed packages, of the group ``micrograd_vn.exercises``.

    Raises
    ------
    TypeError
        A package names something else there.
    """
    points = importlib.metadata.entry_points(group="micrograd_vn.exercises")
    found = {point.name: (point.value, point.load()) for point in points}
    for value, definition in found.values():
        if not isinstance(definition, Definition):
            raise TypeError(message("no exercise of a package", value))
    return {name: definition for name, (_, definition) in found.items()}


def of_file(path: str | os.PathLike[str]) -> dict[str, Definition[Any]]:
    """Return the exercises that a file of Python defines; it is run.

    Raises
    ------
    ValueError
        It defines none.
    """
    found = {
        name: value
        for name, value in runpy.run_path(os.fspath(path)).items()
        if isinstance(value, Definition) and is_of_file(value)
    }
    if not found:
        raise ValueError(message("no exercise in it"))
    return found


def is_of_file(definition: Definition[...]) -> bool:
    """Return whether `of_file` found an exercise."""
    return definition.build.__module__ == "<run_path>"
