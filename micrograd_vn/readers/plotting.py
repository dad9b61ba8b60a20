"""Pictures that Graphviz has laid out, drawn by matplotlib: PDF with text as text, and PNG."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

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
    place = Affine2D().translate(_MARGIN - left, _MARGIN - bottom).scale(scale)
    picture = _Picture(place, scale)
    objects, edges = layout.get("objects", []), layout.get("edges", [])
    picture.add(layout, set(), None)
    for edge in edges:
        name = "->".join(objects[edge[end]]["name"] for end in ("tail", "head"))
        picture.add(edge, hidden.get(name, set()), None)
    for thing in objects:
        picture.add(thing, hidden.get(thing["name"], set()), marks.get(thing["name"]))
    figure.add_artist(picture)
    return figure


class _Picture(Artist):
    """All shapes and texts, in their order: an artist for each takes twice the time."""

    def __init__(self, place: Affine2D, scale: float) -> None:
        super().__init__()
        self.place, self.scale = place, scale
        self.parts: list[Callable[[Any], None]] = []

    def draw(self, renderer: Any) -> None:
        """Draw everything; this is what matplotlib calls."""
        for part in self.parts:
            part(renderer)

    def add(self, thing: dict[str, Any], hidden: set[int], mark: tuple[str, float] | None) -> None:
        """Add the shapes and texts of a box or an edge."""
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
                            self.parts.append(partial(self.write, step, size, pen))
                        place += 1
                    case op:
                        path, closed = _outline(op, step)
                        face = fill if closed and op not in "pe" else None
                        color, line = mark or (pen, width)
                        self.parts.append(partial(self.trace, path, face, color, line, style))

    def trace(
        self, path: Path, face: str | None, pen: str, width: float, style: str, renderer: Any
    ) -> None:
        """Draw a line or a shape."""
        gc = renderer.new_gc()
        gc.set_foreground(pen)
        gc.set_linewidth(width * self.scale)
        if style in ("dashed", "dotted"):
            dashes = (4, 2) if style == "dashed" else (1, 2)
            gc.set_dashes(0, [dash * width * self.scale for dash in dashes])
        to = self.place + Affine2D().scale(renderer.points_to_pixels(1.0))
        renderer.draw_path(gc, path, to, None if face is None else to_rgb(face))
        gc.restore()

    def write(self, step: dict[str, Any], size: float, color: str, renderer: Any) -> None:
        """Write a text, no wider than Graphviz has room for."""
        text = step["text"]
        own = _width(text)
        room = step["width"] / size
        shrunk = size * self.scale * min(_WIDER, room / own if own else 1.0)
        x, y = self.place.transform(step["pt"])
        x -= {"l": 0.0, "c": 0.5, "r": 1.0}[step["align"]] * own * shrunk
        points = renderer.points_to_pixels(1.0)
        if renderer.flipy():
            y = renderer.get_canvas_width_height()[1] / points - y
        gc = renderer.new_gc()
        gc.set_foreground(color)
        font = FontProperties(size=shrunk)
        renderer.draw_text(gc, x * points, y * points, text, font, 0.0)
        gc.restore()


def _outline(op: str, step: dict[str, Any]) -> tuple[Path, bool]:
    """Return a line, a polygon, a curve or an ellipse, and whether it is closed."""
    if op in "Ee":
        x, y, rx, ry = step["rect"]
        return Path.unit_circle().transformed(Affine2D().scale(rx, ry).translate(x, y)), True
    points = step["points"]
    closed = op in "Pp" or points[0] == points[-1]
    curve = op in "Bb"
    codes = [Path.MOVETO] + [Path.CURVE4 if curve else Path.LINETO] * (len(points) - 1)
    if closed and not curve:
        points, codes = [*points, points[0]], [*codes, Path.CLOSEPOLY]
    return Path(points, codes), closed


@cache
def _width(text: str) -> float:
    """Return how wide a text is, at a size of 1; many pictures of one album have the same."""
    font = FontProperties(size=100)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width) / 100
