"""One language for all that the command says: argparse and errors, too."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

from micrograd_vn.phrases import phrases

__all__ = ["speaking"]

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
