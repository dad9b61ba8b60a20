"""What students read on screen: `phrases.toml`, in Vietnamese and in English."""

import pathlib
import tomllib
from functools import cache

LANGUAGES = ("vi", "en")


@cache
def phrases(section: str, lang: str) -> dict[str, str]:
    """Return the phrases of a section in a language, ``"vi"`` or ``"en"``."""
    text = pathlib.Path(__file__).parent.with_name("phrases.toml").read_text("utf-8")
    return {name: said[lang] for name, said in tomllib.loads(text)[section].items()}
