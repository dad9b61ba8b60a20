"""Formulas: one tree, to be computed, compared and rewritten; a writer for each language."""
