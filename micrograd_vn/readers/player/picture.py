"""The pictures of a page: those of `draw`, with marks by which a script finds their parts."""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping, Sequence

from micrograd_vn.engine import Constant, Value
from micrograd_vn.readers.diagram import Diagram, draw
from micrograd_vn.readers.folded import cut_at_names

_SVG = "http://www.w3.org/2000/svg"
_WIDE = 0.00012345  # nearly no number in a box is wider
_LOOKS = "fill stroke font-family font-size text-anchor stroke-width stroke-dasharray".split()


def pictures(
    roots: Sequence[Value], order: Sequence[Value], roles: Mapping[Value, str], of: str, most: int
) -> list[str]:
    """Return the graph as elements ``<svg>``: with all values, and with those that have a name.

    The box of a value says its index in `order` and its role, the circle of an operation the
    index of its result, and an edge between which values it leads: ``data-box``, ``data-op``, and
    ``data-edge="result,operand"``, where the operand is a position, or ``out``; in the folded
    picture ``data-link="result,operand"`` with two indices.

    Raises
    ------
    ValueError
        There are more than `most` values, and as many with a name.
    """
    wide = _wide(order)
    places = {v: i for i, v in enumerate(order)}
    ends = [wide[places[r]] for r in roots]
    found = []
    folded = _folded(ends, wide, of, most)
    if len(order) <= most or folded is None:
        found.append(_marked(draw(ends, of=of, max_nodes=most), order, roles, "all"))
    if folded is not None:
        found.append(_marked(folded, order, roles, "folded"))
    return found


def _folded(roots: Sequence[Value], order: Sequence[Value], of: str, most: int) -> Diagram | None:
    """Return the picture of the values with a name, or None if there can't be one."""
    try:
        named = len(cut_at_names(order, set(roots), 4).names)
        if named == len(order) or named > most:
            return None
        return draw(roots, of=of, fold=True, max_nodes=len(order))
    except (TypeError, ValueError):  # two of one name, or a rule that is for numbers only
        return None


def _wide(order: Sequence[Value]) -> list[Value]:
    """Return the same values with numbers that need as much room as any do."""
    copies = copy.deepcopy(list(order))
    for v in copies:
        if not isinstance(v, Constant):
            v.data, v.grad = _WIDE, -_WIDE
    return copies


def _marked(diagram: Diagram, order: Sequence[Value], roles: Mapping[Value, str], kind: str) -> str:
    root = ET.fromstring(diagram.pipe(format="svg", encoding="utf-8"))
    ids = {f"v{i}": i for i in range(len(order))}
    seen: Counter[str] = Counter()
    for group in root.iter(f"{{{_SVG}}}g"):
        title = group.find(f"{{{_SVG}}}title")
        if title is None or title.text is None:
            continue
        _flatten(group)
        start, _, end = title.text.partition("->")
        first = ids[start.removesuffix("_op")]
        if group.get("class") == "edge":
            result = ids[end.removesuffix("_op")]
            if start.endswith("_op"):
                group.set("data-edge", f"{result},out" if result == first else f"{first},{result}")
            elif kind == "folded":
                group.set("data-link", f"{result},{first}")
            else:
                x = order[first]
                places = [k for k, p in enumerate(order[result].parents) if p is x]
                group.set("data-edge", f"{result},{places[seen[title.text]]}")
                seen[title.text] += 1
        elif start.endswith("_op"):
            group.attrib |= {"class": "op", "data-op": str(first)}
        else:
            group.attrib |= {"class": f"box {roles[order[first]]}", "data-box": str(first)}
            group.set("data-fields", str(len(diagram.texts[start][1])))
    return _bare(root, kind)


def _flatten(group: ET.Element) -> None:
    """Take what is drawn out of the links that show hints, and leave those out."""
    drawn = [e for e in group.iter() if e.tag.rpartition("}")[2] not in ("g", "a", "title")]
    for child in list(group):
        group.remove(child)
    group.extend(drawn)
    del group.attrib["id"]


_DECIMAL = re.compile(r"-?\d+\.\d+")  # in what Graphviz wrote


def _whole(found: re.Match[str]) -> str:
    return f"{float(found[0]):.0f}"


def _bare(root: ET.Element, kind: str) -> str:
    """Return the element without sizes and looks, its numbers whole."""
    for element in root.iter():
        for attribute in (*_LOOKS, "{http://www.w3.org/XML/1998/namespace}space"):
            element.attrib.pop(attribute, None)
        for name in {"d", "points", "x", "y", "cx", "cy", "rx", "ry"} & set(element.attrib):
            element.set(name, _DECIMAL.sub(_whole, element.attrib[name]))
        if element.tail is not None and not element.tail.strip():
            element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
    for attribute in ("width", "height"):
        del root.attrib[attribute]
    root.set("data-picture", kind)
    ET.register_namespace("", _SVG)
    return ET.tostring(root, encoding="unicode")
