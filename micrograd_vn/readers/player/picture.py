"""The picture of a page: that of `draw`, with marks by which a script finds its parts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping, Sequence

from micrograd_vn.engine import Constant, Op, Value
from micrograd_vn.readers.diagram import draw

_SVG = "http://www.w3.org/2000/svg"
_WIDEST, _WIDE = -0.00012345, -0.12345  # a number in a box, and one at an edge
_LOOKS = "fill stroke font-family font-size text-anchor stroke-width stroke-dasharray".split()


def picture(
    roots: Sequence[Value], order: Sequence[Value], names: Mapping[Value, str], most: int
) -> str:
    """Return the graph as an element ``<svg>``, whose looks are left to the style of the page.

    The box of a value says its index in `order` and its role, the circle of an operation the
    index of its result, and an edge between which values it leads: ``data-box``, ``data-op`` and
    ``data-edge="result,operand"``, where the operand is a position, or ``out``.
    """
    wide = _wide(order, names)
    svg = draw([wide[r] for r in roots], max_nodes=most).pipe(format="svg", encoding="utf-8")
    root = ET.fromstring(svg)
    ids = {f"v{i}": i for i in range(len(order))}
    seen: Counter[str] = Counter()
    for group in root.iter(f"{{{_SVG}}}g"):
        title = group.find(f"{{{_SVG}}}title")
        if title is None or title.text is None:
            continue
        group.remove(title)
        del group.attrib["id"]
        start, _, end = title.text.partition("->")
        if group.get("class") == "edge":
            result, slot = ids[end.removesuffix("_op")], "out"
            if end.endswith("_op"):
                x = order[ids[start]]
                places = [k for k, p in enumerate(order[result].parents) if p is x]
                slot = str(places[seen[title.text]])
                seen[title.text] += 1
            group.set("data-edge", f"{result},{slot}")
        elif start.endswith("_op"):
            group.attrib |= {"class": "op", "data-op": str(ids[start.removesuffix("_op")])}
        else:
            role = _role(order[ids[start]], roots)
            group.attrib |= {"class": f"box {role}", "data-box": str(ids[start])}
    return _bare(root)


def _wide(order: Sequence[Value], names: Mapping[Value, str]) -> dict[Value, Value]:
    """Return a graph of the same shape that needs as much room as any numbers do."""
    made: dict[Value, Value] = {}
    for v in order:
        if isinstance(v, Constant):
            made[v] = v
            continue
        made[v] = copy = Value(_WIDEST, names[v])
        if v.op is not None:
            slopes = (_WIDE,) * len(v.parents)
            op = Op(v.op.name, lambda *xs: _WIDEST, lambda *xs, slopes=slopes: slopes, v.op.symbol)
            made[v] = copy = op(*[made[x] for x in v.parents])
            copy.label = names[v]
        copy.grad = _WIDEST
    return made


def _bare(root: ET.Element) -> str:
    """Return the element without sizes and looks."""
    for element in root.iter():
        for attribute in (*_LOOKS, "{http://www.w3.org/XML/1998/namespace}space"):
            element.attrib.pop(attribute, None)
        if element.tail is not None and not element.tail.strip():
            element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
    for attribute in ("width", "height"):
        del root.attrib[attribute]
    ET.register_namespace("", _SVG)
    return ET.tostring(root, encoding="unicode")


def _role(value: Value, roots: Sequence[Value]) -> str:
    if isinstance(value, Constant):
        return "constant"
    if any([value is r for r in roots]):
        return "output"
    return "leaf" if value.op is None else "inner"
