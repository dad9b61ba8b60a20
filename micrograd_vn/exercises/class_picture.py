"""The picture of a class: how many students have which marks, and the commonest mistakes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from micrograd_vn.formulas.text import number
from micrograd_vn.phrases import phrases

if TYPE_CHECKING:
    from micrograd_vn.exercises.marking import ClassReport

__all__ = ["picture"]

_SHOWN = 10  # mistakes, and marks that are written at the axis
_LETTERS = 48  # of a mistake in a line
_LOOKS: Any = {
    "font.family": "DejaVu Sans", "svg.fonttype": "none", "svg.hashsalt": "marks",
    "pdf.fonttype": 42, "axes.spines.top": False, "axes.spines.right": False,
}  # fmt: skip
_NO_DATES: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def picture(report: ClassReport, format: str) -> bytes:
    """Return the picture of a class, as ``"svg"``, ``"pdf"`` or ``"png"``."""
    said = phrases("class", report.lang)
    mistakes = [m for m in report.mistakes if m.slip][:_SHOWN][::-1]
    marks = Counter(e.report.marks for e in report.entries if e.report is not None)
    labels = [_wrapped(f"{m.symbol}: {m.said}") for m in mistakes]
    lines = sum(label.count("\n") + 1.6 for label in labels)
    with mpl.rc_context(_LOOKS):
        figure = Figure(figsize=(8, 3.4 + 0.2 * lines), layout="constrained")
        above, below = figure.subplots(2, 1, height_ratios=[2, 0.5 + 0.2 * lines])
        _columns(above, sorted(marks), [marks[x] for x in sorted(marks)])
        above.set(title=said["distribution"], xlabel=said["marks"], ylabel=said["students"])
        below.barh(range(len(labels)), [m.times for m in mistakes], color="#2563EB", height=0.6)
        below.set_yticks(range(len(labels)), labels, parse_math=False, fontsize=9)
        below.set(title=said["frequent"], xlabel=said["students"])
        for axis in (above.yaxis, below.xaxis):
            axis.get_major_locator().set_params(integer=True)
        file = io.BytesIO()
        figure.savefig(file, format=format, metadata=_NO_DATES.get(format), dpi=150)
    return file.getvalue()


def _columns(axes: Any, places: Sequence[float], counts: Sequence[int]) -> None:
    """Draw a column for each number of points, as wide as the gaps between them allow."""
    gaps = [b - a for a, b in pairwise(places)]
    axes.bar(places, counts, width=0.7 * min(gaps, default=1.0), color="#D97706")
    if len(places) <= _SHOWN + 1:
        axes.set_xticks(places, [number(x) for x in places])


def _wrapped(text: str) -> str:
    """Return a label in lines that leave room for its bar."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= _LETTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
