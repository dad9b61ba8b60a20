"""What students read on screen: `phrases.toml`, in Vietnamese and in English."""

import locale
import os
import pathlib
import tomllib
from functools import cache

LANGUAGES = ("vi", "en")


@cache
def phrases(section: str, lang: str) -> dict[str, str]:
    """Return the phrases of a section in a language, ``"vi"`` or ``"en"``."""
    text = pathlib.Path(__file__).parent.with_name("phrases.toml").read_text("utf-8")
    return {name: said[lang] for name, said in tomllib.loads(text)[section].items()}


def system_language() -> str:
    """Return the language of the system: Vietnamese if it is that, else English."""
    names = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next(filter(None, names), None) or locale.getlocale()[0] or ""
    return "vi" if name.lower().startswith("vi") else "en"
