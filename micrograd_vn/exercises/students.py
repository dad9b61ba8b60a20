"""The names of students, from a table as a spreadsheet or a course's site exports it."""

from __future__ import annotations

import codecs
import csv
import io
import os
import pathlib
import unicodedata
from collections.abc import Sequence

from micrograd_vn.errors import message

__all__ = ["PARTS", "WHOLE", "clean", "read_rows", "read_students"]

# Headings of columns with whole names; then of those whose parts are joined in their order.
WHOLE = "name|full name|student|họ tên|họ và tên|học viên|sinh viên|học sinh".split("|")
PARTS = "first name|last name|surname|họ|họ đệm|họ và đệm|họ và tên đệm|tên".split("|")
_LONGEST = 120  # letters of a name


def read_students(path: str | os.PathLike[str]) -> list[str]:
    """Return the names in a file of comma-separated values, in its order.

    A column with names has a heading, such as ``name`` or ``họ và tên``; or two have, such as
    ``first name`` and ``last name``. A file of one column needs none. Between columns stands a
    comma, a semicolon or a tab. The text is UTF-8, or what Excel calls Unicode.

    Raises
    ------
    ValueError
        The file is no such table, or has no name.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "class.csv")
    ...     lines = ["STT;Họ và tên", "1;Nguyễn Văn An", "2;Trần Thị Bình"]
    ...     _ = path.write_text(chr(10).join(lines), "utf-8")
    ...     read_students(path)
    ['Nguyễn Văn An', 'Trần Thị Bình']
    """
    rows = read_rows(pathlib.Path(path))
    columns, headed = _columns(rows, os.fspath(path))
    names = [clean(" ".join(row[i] for i in columns if i < len(row))) for row in rows[headed:]]
    names = [name for name in names if name]
    if not names:
        raise ValueError(message("no names", os.fspath(path)))
    if longest := next((name for name in names if len(name) > _LONGEST), ""):
        raise ValueError(message("long name", os.fspath(path), len(longest), repr(longest[:40])))
    return names


def read_rows(path: pathlib.Path) -> list[list[str]]:
    """Return the rows of a table that have something in them."""
    data = path.read_bytes()
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(message("not utf-8", path)) from None
    first, _, rest = text.partition("\n")
    if first.strip().lower() in ("sep=;", "sep=,", "sep=\t"):  # as Excel writes it
        separator, text = first.strip()[-1], rest
    else:
        separator = max(",;\t", key=first.count)
    limit = csv.field_size_limit(len(text) + 1)  # what one student wrote stops no other
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise ValueError(f"{path}: {error}") from None
    finally:
        csv.field_size_limit(limit)
    return [row for row in rows if any(map(clean, row))]


def _columns(rows: Sequence[Sequence[str]], path: str) -> tuple[list[int], bool]:
    """Return which columns have the names, and whether a heading says so."""
    headings = [clean(cell).casefold() for cell in rows[0]] if rows else []
    if whole := [i for i, heading in enumerate(headings) if heading in WHOLE]:
        return whole[:1], True
    if parts := [i for i, heading in enumerate(headings) if heading in PARTS]:
        return parts, True
    if max(map(len, rows), default=0) > 1:
        raise ValueError(message("no column of names", path, ", ".join(headings)))
    return [0], False


def clean(text: str) -> str:
    """Return text in composed letters, without what can't be seen, on one line."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
