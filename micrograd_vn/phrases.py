"""What students read on screen, `phrases.toml`, and the language in which they read it.

Whatever has a parameter `lang` follows `language` where it is not given, and so do error
messages. In this order:

1. the environment variable ``MICROGRAD_VN_LANG``, ``vi`` or ``en``;
2. the locale: Vietnamese where that is Vietnamese, English where it is of another language;
3. where the locale is of no language, such as ``C``: Vietnamese for what teaches, and English
   for error messages, which are then looked up and sent around the world.
"""

import locale
import os
import pathlib
import tomllib
from functools import cache
from typing import Self

LANGUAGES = ("vi", "en")


@cache
def phrases(section: str, lang: str) -> dict[str, str]:
    """Return the phrases of a section in a language, ``"vi"`` or ``"en"``."""
    return {name: said[lang] for name, said in _table()[section].items()}


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(pathlib.Path(__file__).with_suffix(".toml").read_text("utf-8"))


def decimals_key(n: int) -> str:
    """Return which phrase of a solution says that a number is rounded to `n` decimals.

    Examples
    --------
    >>> phrases("solution", "en")[decimals_key(1)].format(1)
    ' (rounded to 1 decimal)'
    """
    return "to one decimal" if n == 1 else "to decimals"


def language(lang: str | None = None, otherwise: str = "vi") -> str:
    """Return the language to speak: `lang` if given, else that of the reader.

    Parameters
    ----------
    lang
        ``"vi"``, ``"en"``, or None for the reader's.
    otherwise
        The language where neither ``MICROGRAD_VN_LANG`` nor the locale names one.

    Raises
    ------
    ValueError
        `lang` is another language.
    """
    if lang is not None:
        if lang not in LANGUAGES:
            raise BilingualError.saying("error", "languages", repr(lang))
        return lang
    if (chosen := os.environ.get("MICROGRAD_VN_LANG", "").lower()) in LANGUAGES:
        return chosen
    names = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = (next(filter(None, names), None) or locale.getlocale()[0] or "").partition(".")[0]
    if name in ("", "C", "POSIX"):
        return otherwise
    return "vi" if name.lower().startswith("vi") else "en"


class BilingualError(ValueError):
    """An error that knows its message in both languages, and says it in that of the reader.

    Attributes
    ----------
    text : dict of str to str
        The message by language, ``"vi"`` and ``"en"``.
    """

    before = ""  # what stands before the message, in any language

    def __init__(self, vi: str, en: str) -> None:
        self.text = {"vi": vi, "en": en}
        super().__init__(self.before + self.text[language(otherwise="en")])

    @classmethod
    def saying(cls, section: str, phrase: str, *what: object) -> Self:
        """Return an error that says a phrase of the table, with its gaps filled."""
        return cls(*[phrases(section, lang)[phrase].format(*what) for lang in LANGUAGES])

    def __reduce__(self) -> "tuple[type[BilingualError], tuple[str, str]]":
        return type(self), (self.text["vi"], self.text["en"])
