"""The pictures of a page: those of `draw`, with marks by which a script finds their parts."""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from micrograd_vn.engine import Constant, Value
from micrograd_vn.readers.diagram import Diagram, Plan, draw
from micrograd_vn.readers.looks import HINTS, PATH
from micrograd_vn.readers.player.graph import Graph

_SVG = "http://www.w3.org/2000/svg"
_WIDE = 0.012345  # few numbers in a box are wider, and these are narrowed
_ROOM = len("−0.1234")  # on an edge
_LOOKS = "fill stroke font-family font-size text-anchor stroke-width stroke-dasharray".split()


def pictures(graph: Graph, of: str, most: int) -> list[str]:
    """Return a graph as elements ``<svg>``: with all values, and with those that have a name.

    The box of a value says its index in the graph's order and its role, the circle of an operation
    the index of its result, and an edge where it leads: ``data-box``, ``data-op``, and
    ``data-edge="result,operand"``, where the operand is a position, or ``out``. Out of the block of
    a loss several values come; such an edge says which block: ``data-block``.

    Raises
    ------
    ValueError
        There are more than `most` values, and as many with a name; or no path leads as `path` says.
    """
    copies = dict(zip(graph.order, _wide(graph.order), strict=True))
    looks: dict[str, Any] = {
        "of": of,
        "roles": {role: [copies[v] for v, r in graph.roles.items() if r == role] for role in HINTS},
        "path": graph.path and tuple(copies[v] for v in graph.path),
        "omitted": [(copies[start], copies[end]) for start, end in graph.omitted],
    }
    ends = [copies[r] for r in graph.roots]
    foldable = graph.parts is not None and graph.outline and len(graph.outline.names) <= most
    found = []
    if len(copies) <= most or not foldable:
        found.append(_marked(_roomy(draw(ends, **looks, max_nodes=most)), graph, "all"))
    if foldable:
        folded = draw(ends, **looks, fold=True, max_nodes=len(copies))
        found.append(_marked(_roomy(folded), graph, "folded"))
    return found


def _wide(order: Sequence[Value]) -> list[Value]:
    """Return the same values with numbers that need as much room as any do."""
    copies = copy.deepcopy(list(order))
    for v in copies:
        if not isinstance(v, Constant):
            v.data, v.grad = _WIDE, -_WIDE
    return copies


def _roomy(diagram: Diagram) -> Diagram:
    """Return the picture with room for any number on an edge: that of 1 may become −0.1234."""
    plan: Plan = diagram.plan
    return replace(plan, room=_ROOM).canvas().diagram


def _marked(diagram: Diagram, graph: Graph, kind: str) -> str:
    order, roles = graph.order, graph.roles
    parts = graph.parts if kind == "folded" and graph.parts is not None else graph.whole
    root = ET.fromstring(diagram.pipe(format="svg", encoding="utf-8"))
    ids = {f"v{i}": i for i in range(len(order))}
    seen: Counter[str] = Counter()
    for group in root.iter(f"{{{_SVG}}}g"):
        title = group.find(f"{{{_SVG}}}title")
        if title is None or title.text is None or group.get("class") == "graph":
            continue
        _flatten(group)
        start, _, end = title.text.partition("->")
        first = ids[start.removesuffix("_op")]
        if group.get("class") == "edge":
            result = ids[end.removesuffix("_op")]
            if _drawn(group, "stroke-dasharray"):
                group.set("class", "edge omitted")
            elif start.endswith("_op"):
                group.set("data-edge", f"{result},out")
                if result != first:
                    group.set("data-block", str(first))
            else:
                v, x = order[result], order[first]
                parents = parts[v].parents if v in parts else v.parents
                places = [k for k, p in enumerate(parents) if p is x]
                group.set("data-edge", f"{result},{places[seen[title.text]]}")
                seen[title.text] += 1
        elif start.endswith("_op"):
            group.attrib |= {"class": "op", "data-op": str(first)}
        else:
            group.attrib |= {"class": f"box {roles[order[first]]}", "data-box": str(first)}
            for path in group.iter(f"{{{_SVG}}}path"):
                path.set("d", _rounded(path.attrib["d"]))
            group.set("data-fields", str(len(diagram.texts[start][1])))
        if PATH["color"].lower() in _drawn(group, "stroke"):
            group.set("class", f"{group.get('class')} path")
    return _bare(root, kind)


def _drawn(group: ET.Element, look: str) -> list[str]:
    """Return how the parts of a group are drawn, of those that say so."""
    return [found for e in group if (found := e.get(look)) is not None]


def _flatten(group: ET.Element) -> None:
    """Take what is drawn out of the links that show hints, and leave those out."""
    drawn = [e for e in group.iter() if e.tag.rpartition("}")[2] not in ("g", "a", "title")]
    for child in list(group):
        group.remove(child)
    group.extend(drawn)
    del group.attrib["id"]


def _rounded(path: str) -> str:
    """Return the way around a box with round corners, which Graphviz writes as 20 points."""
    xs, ys = ([float(x) for x in re.findall(p, path)] for p in (r"[-\d.]+(?=,)", r"(?<=,)[-\d.]+"))
    left, top = min(xs), min(ys)
    r = xs[0] - left
    w, h = max(xs) - left - 2 * r, max(ys) - top - 2 * r
    return (
        f"M{left + r},{top}h{w}q{r},0 {r},{r}v{h}q0,{r} -{r},{r}h-{w}q-{r},0 -{r},-{r}v-{h}"
        f"q0,-{r} {r},-{r}z"
    )


_DECIMAL = re.compile(r"-?\d+\.\d+")  # in what Graphviz wrote


def _whole(found: re.Match[str]) -> str:
    return f"{float(found[0]):.0f}"


def _bare(root: ET.Element, kind: str) -> str:
    """Return the element without sizes, looks and background, its numbers whole."""
    for graph in root.findall(f"{{{_SVG}}}g"):
        for background in graph.findall(f"{{{_SVG}}}polygon"):
            graph.remove(background)
    for element in root.iter():
        for attribute in (*_LOOKS, "{http://www.w3.org/XML/1998/namespace}space"):
            element.attrib.pop(attribute, None)
        for name in {"d", "points", "x", "y", "cx", "cy", "rx", "ry"} & set(element.attrib):
            element.set(name, _DECIMAL.sub(_whole, element.attrib[name]))
        if element.tag == f"{{{_SVG}}}polygon":  # it is closed in any case
            element.set("points", element.attrib["points"].rpartition(" ")[0])
        if element.tail is not None and not element.tail.strip():
            element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
    for attribute in ("width", "height"):
        del root.attrib[attribute]
    root.set("data-picture", kind)
    ET.register_namespace("", _SVG)
    written = ET.tostring(root, encoding="unicode").replace(" />", "/>")
    return written.replace(f' xmlns="{_SVG}"', "")  # which HTML knows
