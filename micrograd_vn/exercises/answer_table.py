"""The answers of a class, from a table as a spreadsheet or a course's site exports it."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from micrograd_vn.errors import message
from micrograd_vn.exercises.students import PARTS, WHOLE, clean, read_rows

__all__ = ["Row", "read_table"]

_CODE = ("code", "mã đề", "mã", "variant")
_TEXT = ("answers", "answer", "bài làm", "trả lời", "câu trả lời")


class Row(NamedTuple):
    """What a student answered.

    Attributes
    ----------
    name, code
        The student, and the code of the variant; empty where the table has none.
    answers
        By the heading of the column; a column of whole answers, such as ``∂L/∂R = −0.11``, has an
        empty one.
    """

    name: str
    code: str
    answers: dict[str, str]


def read_table(
    table: str | os.PathLike[str] | Iterable[Mapping[str, object]], exercise: str = ""
) -> list[Row]:
    """Return the rows of a table of answers.

    A column is headed ``name`` or ``họ và tên``, or two are, such as ``first name`` and ``last
    name``; one may be headed ``code`` or ``mã đề``. Each other column is headed by a quantity, or
    by an exercise and a quantity: ``cau3: ∂L/∂R``; or it has whole answers and is headed
    ``answers`` or ``bài làm``.

    Parameters
    ----------
    table
        A file as `read_students` reads it, or rows by heading.
    exercise
        The exercise; columns of others are left out.

    Raises
    ------
    ValueError
        The file is no table, or has no rows.

    Examples
    --------
    >>> (row,) = read_table([{"Họ và tên": "Lê An", "∂L/∂R": "−0,11", "cau4: ∂L/∂R": "1"}], "cau3")
    >>> row.name, row.answers
    ('Lê An', {'∂L/∂R': '−0,11'})
    """
    if isinstance(table, (str, os.PathLike)):
        headings, *rows = read_rows(pathlib.Path(table)) or [[]]
        if not rows:
            raise ValueError(message("no answers", os.fspath(table)))
        return [_row(dict(zip(headings, row, strict=False)), exercise) for row in rows]
    return [_row({str(k): str(x) for k, x in row.items()}, exercise) for row in table]


def _row(cells: Mapping[str, str], exercise: str) -> Row:
    """Return the row of a student."""
    known = {heading: clean(heading).casefold() for heading in cells}
    name = _joined(cells, [h for h, said in known.items() if said in WHOLE][:1])
    name = name or _joined(cells, [h for h, said in known.items() if said in PARTS])
    code = _joined(cells, [h for h, said in known.items() if said in _CODE][:1])
    answers = {}
    for heading, said in known.items():
        of, separator, quantity = clean(heading).rpartition(":")
        if said in (*WHOLE, *PARTS, *_CODE) or (separator and of.strip() != exercise):
            continue
        answered = cells[heading].strip()
        if answered:
            answers["" if said in _TEXT else quantity.strip()] = answered
    return Row(name, code, answers)


def _joined(cells: Mapping[str, str], headings: Sequence[str]) -> str:
    return clean(" ".join(cells[heading] for heading in headings))
