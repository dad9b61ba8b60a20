"""How much the random and the deep tests do: little, or with THOROUGH set, as much as CI does."""

import os


def size(usual, thorough):
    """Return the number of examples, or the depth, that is asked for."""
    return thorough if os.environ.get("THOROUGH") else usual
