"""Pictures that Graphviz has laid out, drawn by matplotlib: PDF with text as text, and PNG."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Ellipse, PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

__all__ = ["album", "plotted"]

Hidden = Mapping[str, set[int]]
Marks = Mapping[str, tuple[str, float]]
Page = tuple[Hidden, Marks]

_MARGIN = 4.0  # in points, as in Graphviz's own pictures
_WIDER = 0.86  # Graphviz reckons with Helvetica, which runs narrower than matplotlib's font
_DPI = 192
# The same picture is the same file.
_NO_DATES = {"CreationDate": None, "Creator": None, "Producer": None}


def plotted(layout: bytes, pages: Sequence[Page], format: str) -> bytes:
    """Return a picture as PDF with some pages, or the first of them as PNG.

    Parameters
    ----------
    layout
        As Graphviz writes it in its format ``json``.
    pages
        Of each, which texts to leave out, by the names of boxes and edges: −1 is the last of its
        texts; and the colour and width of lines that are to stand out, by the names of boxes.
    format
        ``"pdf"`` or ``"png"``.
    """
    file = io.BytesIO()
    with mpl.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}):
        figures = [_figure(json.loads(layout), *page) for page in pages]
        if format == "png":
            FigureCanvasAgg(figures[0]).print_figure(file, dpi=_DPI, format="png")
        else:
            with PdfPages(file, metadata=_NO_DATES) as pdf:
                for figure in figures:
                    pdf.savefig(figure)
    return file.getvalue()


def album(layouts: Iterable[bytes]) -> bytes:
    """Return a PDF with a page for each layout; its fonts are there once."""
    file = io.BytesIO()
    fonts = mpl.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"})
    with fonts, PdfPages(file, metadata=_NO_DATES) as pdf:
        for layout in layouts:
            pdf.savefig(_figure(json.loads(layout), {}, {}))
    return file.getvalue()


def _figure(layout: dict[str, Any], hidden: Hidden, marks: Marks) -> Figure:
    """Return a picture of its own size."""
    left, bottom, right, top = map(float, layout["bb"].split(","))
    width, height = right - left + 2 * _MARGIN, top - bottom + 2 * _MARGIN
    scale = 1.0
    if "size" in layout:
        room = [72 * float(inches) for inches in layout["size"].removesuffix("!").split(",")]
        scale = min(room[0] / width, room[1] / height)
    figure = Figure(figsize=(width * scale / 72, height * scale / 72))
    axes = figure.add_axes((0, 0, 1, 1), frameon=False)
    axes.set_axis_off()
    axes.set_xlim(left - _MARGIN, right + _MARGIN)
    axes.set_ylim(bottom - _MARGIN, top + _MARGIN)
    objects, edges = layout.get("objects", []), layout.get("edges", [])
    _draw(axes, layout, set(), None, scale)
    for edge in edges:
        name = "->".join(objects[edge[end]]["name"] for end in ("tail", "head"))
        _draw(axes, edge, hidden.get(name, set()), None, scale)
    for thing in objects:
        _draw(axes, thing, hidden.get(thing["name"], set()), marks.get(thing["name"]), scale)
    return figure


def _draw(
    axes: Any, thing: dict[str, Any], hidden: set[int], mark: tuple[str, float] | None, scale: float
) -> None:
    """Draw the shapes and texts of a box or an edge."""
    pen, fill, width, style, size = "#000000", "#ffffff", 1.0, "solid", 14.0
    place = -sum(step["op"] == "T" for step in thing.get("_ldraw_", ()))
    for part in ("_draw_", "_hdraw_", "_ldraw_"):
        width, style = 1.0, "solid"
        for step in thing.get(part, ()):
            match step["op"]:
                case "c":
                    pen = step["color"]
                case "C":
                    fill = step["color"]
                case "S" if step["style"].startswith("setlinewidth("):
                    width = float(step["style"][len("setlinewidth(") : -1])
                case "S":
                    style = step["style"]
                case "F":
                    size = step["size"]
                case "T":
                    if place not in hidden:
                        _write(axes, step, size * scale, pen, scale)
                    place += 1
                case "E" | "e" as op:
                    x, y, rx, ry = step["rect"]
                    face = fill if op == "E" else "none"
                    shape: Any = Ellipse((x, y), 2 * rx, 2 * ry)
                    color, line = mark or (pen, width)
                    _add(axes, shape, face, color, line * scale, style)
                case op:
                    shape, closed = _outline(op, step["points"])
                    face = fill if closed and op != "p" else "none"
                    color, line = mark or (pen, width)
                    _add(axes, shape, face, color, line * scale, style)


def _outline(op: str, points: list[list[float]]) -> tuple[PathPatch, bool]:
    """Return a line, a polygon or a curve, and whether it is closed."""
    closed = op in "Pp" or points[0] == points[-1]
    curve = op in "Bb"
    codes = [Path.MOVETO] + [Path.CURVE4 if curve else Path.LINETO] * (len(points) - 1)
    if closed and not curve:
        points, codes = [*points, points[0]], [*codes, Path.CLOSEPOLY]
    return PathPatch(Path(points, codes)), closed


def _add(axes: Any, shape: Any, face: str, pen: str, width: float, style: str) -> None:
    shape.set(facecolor=face, edgecolor=pen, linewidth=width)
    if style in ("dashed", "dotted"):
        shape.set_linestyle((0, (4, 2) if style == "dashed" else (1, 2)))
    axes.add_artist(shape)  # not add_patch, which spends its time on limits that are set


def _write(axes: Any, step: dict[str, Any], size: float, color: str, scale: float) -> None:
    """Write a text, no wider than Graphviz has room for."""
    text = step["text"]
    own = _width(text, size)
    room = step["width"] * scale
    shrunk = size * min(_WIDER, room / own if own else 1.0)
    place = {"l": "left", "c": "center", "r": "right"}[step["align"]]
    x, y = step["pt"]
    options = {"ha": place, "va": "baseline", "color": color, "parse_math": False}
    axes.text(x, y, text, fontsize=shrunk, **options)


@cache
def _width(text: str, size: float) -> float:
    """Return how wide a text is; many pictures of one album have the same."""
    width, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=size), False)
    return float(width)
