"""What the pictures of an exercise have in common."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from micrograd_vn.engine import Value
from micrograd_vn.formulas.document import Document, Paragraph
from micrograd_vn.formulas.text import Text
from micrograd_vn.phrases import LANGUAGES, language
from micrograd_vn.readers.words import Words

if TYPE_CHECKING:
    from micrograd_vn.exercises.solved import Exercise
    from micrograd_vn.readers.player import Live

__all__ = ["looks_of", "played", "roots_of", "titled"]

_DIGITS, _MOST_DIGITS = 4, 17  # of a number


def roots_of(exercise: Exercise) -> list[Value]:
    """Return the values that a picture shows with all that they depend on."""
    return [exercise.output, *exercise.expression.beside]


def looks_of(exercise: Exercise, lang: str | None) -> dict[str, Any]:
    """Return how pictures of an exercise look, as arguments of what draws them."""
    return {
        "roles": {
            role: [exercise.nodes[label] for label in labels.split()]
            for role, labels in exercise.definition.roles.items()
        },
        "of": Text()(exercise.asked.of),
        "omitted": [
            (start, end) for start, end, *_ in exercise.expression.omitted if isinstance(end, Value)
        ],
        "lang": language(lang),
        "digits": _digits(exercise.answer, exercise.decimals),
    }


def titled(exercise: Exercise, lang: str | None) -> dict[str, Any]:
    """Return the looks of a diagram, with the question above it."""
    title = f"{exercise.name[language(lang)]}: {exercise.question}"
    return {**looks_of(exercise, lang), "title": title}


def played(exercise: Exercise, lang: str | None) -> Live:
    """Return the live page of an exercise: statement, picture to step through, solution."""
    from micrograd_vn.readers.player import play

    looks = looks_of(exercise, lang)
    del looks["of"], looks["digits"]  # what the page says itself
    return play(
        exercise.output,
        beside=exercise.expression.beside,
        gradient=1.0 if exercise.given is None else exercise.answer,
        loss=None if exercise.given is None else Text()(exercise.asked.of),
        path=(exercise.start, exercise.output),
        known=exercise.known,
        title=exercise.name[looks["lang"]],
        statement={said: _without_figure(exercise, said) for said in LANGUAGES},
        solution={said: exercise.explain(said) for said in LANGUAGES},
        decimal=True,
        **looks,
    )


def _without_figure(exercise: Exercise, lang: str) -> Document:
    """Return the statement, with what stands for the figure that it speaks of."""
    statement, number = exercise.statement[lang], exercise.definition.figure
    *others, last = statement.blocks
    if number is None or not isinstance(last, Paragraph):
        return statement
    said = Words(lang, "page").said("instead", str(number))
    return Document([*others, Paragraph((*last.parts, *said))])


def _digits(answer: float, decimals: int) -> int:
    """Return the digits of a number with which the answer has its decimals."""
    if answer == 0:
        return _DIGITS
    before = math.floor(math.log10(abs(answer))) + 1
    return min(max(_DIGITS, before + decimals), _MOST_DIGITS)
