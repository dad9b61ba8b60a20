"""What `python -m tests.benchmarks --publish` writes: the documentation's tables, and README's."""

import io
import sys


class Twice(io.StringIO):
    """What is printed, and kept."""

    def write(self, text):
        sys.__stdout__.write(text)
        sys.__stdout__.flush()
        return super().write(text)


def beginning(text):
    """Return a text up to the end of its first table."""
    lines = text.splitlines(keepends=True)
    rows = [i for i, line in enumerate(lines) if line.startswith("|")]
    end = next(i for i in rows if i + 1 not in rows)
    return "".join(lines[: end + 1]).strip("\n")


def publish(printed, root):
    """Put what was printed into the documentation, and its beginning into the README."""
    readme = root / "README.md"
    before, mark, after = readme.read_text("utf-8").partition("From its output:\n")
    if not mark:
        raise ValueError("README.md says nowhere that a table is from the output")
    (root / "docs" / "benchmarks.md").write_text(printed, "utf-8")
    after = after.replace(beginning(after), beginning(printed), 1)
    readme.write_text(before + mark + after, "utf-8")
