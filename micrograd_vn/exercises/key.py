"""The key of a set of homework: the answers by code and student, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json

from micrograd_vn.exercises.homework import Homework
from micrograd_vn.exercises.solved import Exercise
from micrograd_vn.formulas.tree import Number, rounded, to_decimals
from micrograd_vn.phrases import phrases

__all__ = ["cell", "key_csv", "key_json"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of one
_DIGITS = 12  # what a float has beyond them is noise


def key_csv(homework: Homework) -> str:
    """Return a row for each variant: code, student, and the answer to each exercise.

    Spreadsheets show it as it is: it begins with a byte order mark, and a name is never taken
    for a formula.

    Examples
    --------
    >>> from micrograd_vn.exercises import assign, cau4
    >>> homework = assign({"cau4": cau4}, students=["=1+1", "Lê An"], seed=7, lang="en")
    >>> print(key_csv(homework).lstrip(chr(0xFEFF)).replace(chr(13), ""))
    Code,Name,cau4: ∂L/∂R
    S7-001,'=1+1,-0.54
    S7-002,Lê An,-0.59
    <BLANKLINE>
    """
    words, file = phrases("homework", homework.lang), io.StringIO()
    table = csv.writer(file, lineterminator="\r\n")
    first = homework.variants[0].exercises
    asked = [cell(f"{name}: {exercise.question}") for name, exercise in first.items()]
    table.writerow([words["code"], words["student"], *asked])
    for variant in homework.variants:
        answers = [str(_answer(exercise).shown) for exercise in variant.exercises.values()]
        table.writerow([variant.code, cell(variant.student), *answers])
    return "\ufeff" + file.getvalue()


def key_json(homework: Homework) -> str:
    """Return the givens and answers of each variant, the answers as asked for and exact."""
    whole = [
        {
            "code": variant.code,
            "student": variant.student,
            "exercises": {
                name: {
                    "givens": {label: float(x) for label, x in exercise.givens.items()},
                    "question": exercise.question,
                    "answer": float(_answer(exercise)),
                    "exact": float(rounded(exercise.answer, _DIGITS)),
                }
                for name, exercise in variant.exercises.items()
            },
        }
        for variant in homework.variants
    ]
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _answer(exercise: Exercise) -> Number:
    return to_decimals(exercise.answer, exercise.decimals)


def cell(text: str) -> str:
    """Return text that a spreadsheet takes for text, also where it separates by semicolons."""
    text = text.replace(";", ",")
    return f"'{text}" if text.startswith(_FORMULA) else text
