"""`frames`: a picture step by step, for slides: the forward pass, then the backward pass.

The picture is laid out once with all of its numbers; what is not found yet is left out, so that
nothing jumps.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, overload

import graphviz

from micrograd_vn.engine import Value
from micrograd_vn.errors import message
from micrograd_vn.files import write
from micrograd_vn.readers.diagram import Diagram, draw
from micrograd_vn.readers.looks import PATH
from micrograd_vn.readers.rendering import Hidden, Marks, changed, fitting, plotted

__all__ = ["Frames"]


class Frames(Sequence[str]):
    """Pictures that follow each other, each an SVG of the same size."""

    def __init__(self, diagram: Diagram, pages: Sequence[tuple[Hidden, Marks]]) -> None:
        self._diagram, self._pages = diagram, pages

    def __len__(self) -> int:
        return len(self._pages)

    @overload
    def __getitem__(self, i: int) -> str: ...

    @overload
    def __getitem__(self, i: slice) -> Frames: ...

    def __getitem__(self, i: int | slice) -> str | Frames:
        if isinstance(i, slice):
            return Frames(self._diagram, self._pages[i])
        return changed(self._svg, *self._pages[i])

    @cached_property
    def _svg(self) -> bytes:
        return self._diagram.pipe("svg")

    def save(self, path: str | os.PathLike[str]) -> list[str]:
        """Save the pictures and return the paths of the files.

        Parameters
        ----------
        path
            Of a PDF with a page for each; or a folder, or how names begin, for numbered SVGs.

        Raises
        ------
        graphviz.ExecutableNotFound
            For PDF, matplotlib is missing.
        """
        path = os.fspath(path)
        if path.lower().endswith(".pdf"):
            write(path, plotted(self._diagram.source, self._pages, "pdf"))
            return [path]
        folder = path.endswith(("/", os.sep)) or os.path.isdir(path)
        digits = max(2, len(str(len(self))))
        paths = []
        for i, picture in enumerate(self, 1):
            name = f"{i:0{digits}}.svg"
            file = pathlib.Path(path, name) if folder else pathlib.Path(f"{path}-{name}")
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file, picture)
            paths.append(os.fspath(file))
        return paths

    def __repr__(self) -> str:
        return f"Frames({len(self)} pictures)"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, bytes]:
        """Return the last picture as PDF, for LaTeX, which has no room for all."""
        try:
            return {"application/pdf": plotted(self._diagram.source, self._pages[-1:], "pdf")}
        except graphviz.ExecutableNotFound:  # a notebook shows its pictures without matplotlib too
            return {}

    def _repr_html_(self) -> str:
        """Return the pictures side by side, one at a time in view."""
        box = "flex:0 0 100%;scroll-snap-align:start"
        pages = "".join(f'<div style="{box}">{fitting(picture)}</div>' for picture in self)
        return (
            '<div style="display:flex;overflow-x:auto;scroll-snap-type:x mandatory" tabindex="0">'
            f"{pages}</div>"
        )


def frames(root: Value | Iterable[Value], *, fold: bool = True, **options: Any) -> Frames:
    """Return the graph of `root` step by step: first what is given, then one number more each.

    The forward pass finds a value at a time, the backward pass a gradient at a time, with the
    local derivatives that it takes. The box in question stands out.

    Parameters
    ----------
    root
        The value to draw, or several outputs; `backward` was called.
    fold
        Whether to draw only the values with a name.
    options
        As for `draw`, but for `highlight` and `path`.

    Raises
    ------
    ValueError
        `backward` was not called, or one of the reasons that `draw` has.

    Examples
    --------
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> c = (a * b).named("c")
    >>> c.backward()
    >>> len(frames(c))  # a and b, then c, then the gradients of c, b and a
    5
    """
    whole = draw(root, fold=fold, **options)
    plan = whole.plan
    if not plan.differentiated:
        raise ValueError(message("no gradients"))
    ids = {v: f"v{i}" for i, v in enumerate(plan.order) if f"v{i}" in whole.texts}
    seeded = {v for v in plan.roots if v.grad != 0}
    # What was differentiated comes last: ŷ before L.
    forward = sorted([v for v in ids if v.op is not None], key=seeded.__contains__)
    backward = [
        v
        for v in reversed(ids)
        if v in plan.differentiated and plan.roles[v] not in ("target", "constant")
    ]
    steps: list[Value | None] = [None, *forward, *backward]
    first = 1 + len(forward)  # of the backward pass
    known = {
        "value": {v: i for i, v in enumerate(forward, 1)},
        "gradient": {v: i for i, v in enumerate(backward, first)},
    }
    pages: list[tuple[Hidden, Marks]] = []
    for now, value in enumerate(steps):
        hidden: dict[str, set[int]] = {}
        for v, name in ids.items():
            kinds = whole.texts[name][1]
            at = {"value": known["value"].get(v, 0), "gradient": known["gradient"].get(v, first)}
            hidden[name] = {i - len(kinds) for i, kind in enumerate(kinds) if at[kind] > now}
            if at["gradient"] > now:
                hidden |= {arrow: {-1} for arrow in whole.arrows.get(v, ())}
        mark = PATH["color"], float(PATH["penwidth"])
        pages.append((hidden, {} if value is None else {ids[value]: mark}))
    return Frames(whole, pages)
