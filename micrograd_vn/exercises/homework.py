"""A set of homework: each student has a variant of each of some exercises, under a code.

`assign` makes it; a manifest, a small file, keeps all that it was made of, so that
`load_homework` makes the same again: when answers come in, on another machine, in a later version.
"""

from __future__ import annotations

import json
import os
import pathlib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from micrograd_vn.errors import message
from micrograd_vn.exercises.collection import of_file, of_packages
from micrograd_vn.exercises.course import cau3, cau4, network
from micrograd_vn.exercises.definition import Definition
from micrograd_vn.exercises.sampling import variants
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.phrases import LANGUAGES, language

__all__ = ["Homework", "Variant", "assign", "load_homework"]

FORMAT = 1  # of a manifest


@dataclass(frozen=True)
class Variant:
    """What one student gets.

    Attributes
    ----------
    code
        Such as ``"S7-012"``: the twelfth of the set with seed 7.
    student
        The student's name; empty if the set has none.
    exercises : dict of str to Exercise
        By the names of their definitions in the set.
    """

    code: str
    student: str
    exercises: Mapping[str, Exercise]


@dataclass(frozen=True)
class Homework:
    """A set of homework.

    Attributes
    ----------
    title, lang
        What stands on each sheet, and in which language, ``"vi"`` or ``"en"``.
    seed
        From which the variants were drawn.
    variants
        One for each student.
    file : pathlib.Path or None
        The user's file with exercises in it.
    """

    title: str
    lang: str
    seed: int
    variants: Sequence[Variant]
    file: pathlib.Path | None = None

    def find(self, said: str) -> Variant:
        """Return the variant with a code, or of a student.

        Raises
        ------
        ValueError
            There is none, or several students have this name.

        Examples
        --------
        >>> from micrograd_vn.exercises import cau4
        >>> homework = assign({"cau4": cau4}, 2, seed=7, students=["Lê An", "Trần Bình"])
        >>> homework.find("s7-002").student, homework.find("Lê An").code
        ('Trần Bình', 'S7-001')
        """
        wanted = _folded(said)
        found = [v for v in self.variants if wanted in (_folded(v.code), _folded(v.student))]
        if wanted and len(found) == 1:
            return found[0]
        codes = ", ".join(v.code for v in found)
        if found and wanted:
            raise ValueError(message("several students", self.title, repr(said), codes))
        raise ValueError(message("no student", self.title, repr(said)))

    def manifest(self, folder: str | os.PathLike[str] = ".") -> str:
        """Return the manifest, as JSON, to be written into a folder.

        It has no answers, but all that they follow from.
        """
        file = None
        if self.file is not None:
            file = pathlib.Path(os.path.relpath(self.file, folder)).as_posix()
        whole = {
            "format": FORMAT,
            "title": self.title,
            "lang": self.lang,
            "seed": self.seed,
            "count": len(self.variants),
            "file": file,
            "exercises": list(self.variants[0].exercises),
            "variants": [
                {
                    "code": variant.code,
                    "student": variant.student,
                    "givens": {name: e.arguments for name, e in variant.exercises.items()},
                }
                for variant in self.variants
            ],
        }
        # A number of a domain may be one of NumPy's.
        return json.dumps(whole, ensure_ascii=False, indent=1, default=lambda x: x.item()) + "\n"


def assign(
    exercises: Mapping[str, Definition[Any]],
    count: int | None = None,
    *,
    seed: int = 0,
    students: Sequence[str] = (),
    title: str = "",
    lang: str | None = None,
    file: str | os.PathLike[str] | None = None,
    progress: Callable[[int], object] = lambda n: None,
) -> Homework:
    """Return a set of homework.

    Parameters
    ----------
    exercises
        What each student gets a variant of, by name.
    count
        How many variants; if it is not said, one for each student. More are spare ones.
    seed
        The same one gives the same variants.
    students
        Their names.
    title
        The title; if it is not said, the names of the exercises.
    lang
        ``"vi"`` or ``"en"``.
    file
        The user's file from which exercises come, for the manifest.
    progress
        Called with how many variants of an exercise there are now.

    Raises
    ------
    ValueError
        There is no exercise, no student and no count, or fewer variants than students; or the
        domains of an exercise do not hold so many.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3, cau4
    >>> homework = assign({"cau3": cau3, "cau4": cau4}, students=["Lê An", "Trần Bình"], seed=7)
    >>> [(v.code, v.student, list(v.exercises)) for v in homework.variants]
    [('S7-001', 'Lê An', ['cau3', 'cau4']), ('S7-002', 'Trần Bình', ['cau3', 'cau4'])]
    """
    count, lang = len(students) if count is None else count, language(lang)
    if not exercises or count < 1 or count < len(students) or seed < 0:
        raise ValueError(message("no set", len(exercises), count, len(students), seed))
    drawn = {}
    for name, definition in exercises.items():
        drawn[name] = variants(definition, count, seed=seed)
        progress(count)
    named = [*students, *[""] * (count - len(students))]
    made = [
        Variant(f"S{seed}-{i + 1:03}", named[i], {name: es[i] for name, es in drawn.items()})
        for i in range(count)
    ]
    title = title or ", ".join(definition.name[lang] for definition in exercises.values())
    return Homework(title, lang, seed, made, None if file is None else pathlib.Path(file))


def load_homework(path: str | os.PathLike[str]) -> Homework:
    """Return the set that a manifest describes: with the same codes, students and givens.

    The user's file of exercises, if it had one, is run; it is looked for from the folder of
    the manifest.

    Raises
    ------
    ValueError
        The file is no manifest, or an exercise of it is not there.
    OSError
        A file can't be read.
    """
    path = pathlib.Path(path)
    try:
        whole = json.loads(path.read_text("utf-8"))
        if whole["format"] != FORMAT:
            raise ValueError(message("manifest format", whole["format"], FORMAT))
        file = exercises_of(path)
        known = known_exercises(file)
        made = []
        for v in whole["variants"]:
            exercises = {
                name: known[name](**{k: tuple(x) if isinstance(x, list) else x
                                     for k, x in v["givens"][name].items()})
                for name in whole["exercises"]
            }  # fmt: skip
            made.append(Variant(str(v["code"]), str(v["student"]), exercises))
        if not made or whole["lang"] not in LANGUAGES:
            raise ValueError(message("manifest empty"))
        return Homework(str(whole["title"]), whole["lang"], int(whole["seed"]), made, file)
    except KeyError as error:
        raise ValueError(message("manifest lacks", path, error)) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(message("no manifest", path, error)) from None


def exercises_of(path: str | os.PathLike[str]) -> pathlib.Path | None:
    """Return the user's file of exercises that a manifest names, if it names one.

    Raises
    ------
    ValueError, TypeError, KeyError
        The file is no manifest.
    OSError
        It can't be read.
    """
    path = pathlib.Path(path)
    file = json.loads(path.read_text("utf-8"))["file"]
    return None if file is None else path.parent / file


def known_exercises(file: str | os.PathLike[str] | None = None) -> dict[str, Definition[Any]]:
    """Return the exercises that a set may be made of, by name: ours, installed ones, a file's."""
    ours: dict[str, Definition[Any]] = {"cau3": cau3, "cau4": cau4, "network": network}
    return ours | of_packages() | ({} if file is None else of_file(file))


def _folded(said: str) -> str:
    return " ".join(unicodedata.normalize("NFC", said).casefold().split())
