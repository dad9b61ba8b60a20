"""The phrases and the language of `micrograd_vn.phrases`, for what writes formulas."""

from micrograd_vn.phrases import LANGUAGES, language, phrases

__all__ = ["LANGUAGES", "language", "phrases"]
