"""One language for all that the command says: argparse and errors, too."""

from __future__ import annotations

import argparse
import errno
import os
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager

from micrograd_vn.phrases import language, phrases

__all__ = ["reason", "speaking"]

_VARIABLE = "MICROGRAD_VN_LANG"


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Let argparse and errors speak a language.

    argparse looks its texts up by functions of gettext, which here look into our table.
    """
    said, names = phrases("argparse", lang), vars(argparse)
    texts, chosen = {name: names[name] for name in ("_", "ngettext")}, os.environ.get(_VARIABLE)
    names["_"] = lambda text: said.get(text, text)
    names["ngettext"] = lambda one, several, n: names["_"](one if n == 1 else several)
    os.environ[_VARIABLE] = lang
    try:
        yield
    finally:
        names.update(texts)
        if chosen is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = chosen


def reason(error: BaseException, path: pathlib.Path | None = None) -> str:
    """Return what is wrong with a file, or what an error says; all in the language of the command.

    Parameters
    ----------
    error
        The error.
    path
        The file that was to be written, if it is about one.
    """
    said, file = str(error), path
    if isinstance(error, OSError) and error.errno is not None:
        known = phrases("system", language())
        said = known.get(errno.errorcode.get(error.errno, ""), str(error.strerror))
        file = path or error.filename
    return said if file is None else f"{file}: {said}"
