"""Reading pictures: the texts of their boxes, the numbers on their edges, and where they are."""

import itertools
import json
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
_SPACE = 0.278  # of the size of a font
SHAPES = {f"{SVG}{shape}" for shape in ("path", "polygon", "ellipse")}


def parts(picture, kind):
    """Yield the name, the texts and the group of each node or edge of an SVG."""
    for group in ET.fromstring(picture).iter(f"{SVG}g"):
        if group.get("class") == kind:
            found = ["".join(t.itertext()).replace("\xa0", " ") for t in group.iter(f"{SVG}text")]
            yield group.findtext(f"{SVG}title"), found, group


def boxes(picture):
    """Return the texts of each box by the first word of them, what it is called."""
    return {texts[0].split(" ")[0]: texts for _, texts, _ in parts(picture, "node") if texts}


def arrows(picture):
    """Return what stands on each edge, by the names of its ends."""
    called = {name: texts[0].split(" ")[0] for name, texts, _ in parts(picture, "node") if texts}
    found = {}
    for name, texts, _ in parts(picture, "edge"):
        start, _, end = name.partition("->")
        ends = called[start.partition(":")[0]], called[end.partition(":")[0]]
        found[ends] = texts[0].strip() if texts else None
    return found


def place(picture, text):
    """Return where a text is: from the left, and from the top."""
    for t in ET.fromstring(picture).iter(f"{SVG}text"):
        if "".join(t.itertext()).replace("\xa0", " ").startswith(text):
            return float(t.get("x")), float(t.get("y"))
    raise AssertionError(f"no text {text!r}")


def looks(picture):
    """Return colour, line and width of each box, by what it is called."""
    found = {}
    for _, texts, group in parts(picture, "node"):
        shape = next(e for e in group.iter() if e.tag in SHAPES)
        attributes = ("fill", "stroke", "stroke-width", "stroke-dasharray")
        found[texts[0].split(" ")[0]] = (shape.tag, *[shape.get(a) for a in attributes])
    return found


def tooltips(picture):
    title = "{http://www.w3.org/1999/xlink}title"
    return {a.get(title).replace("\xa0", " ") for a in ET.fromstring(picture).iter(f"{SVG}a")}


def text_height(picture):
    """Return how many pixels high the smallest text is when a picture fills 1280 x 720."""
    svg = ET.fromstring(picture)
    sizes = [float(t.get("font-size")) for t in svg.iter(f"{SVG}text")]
    width, height = map(float, svg.get("viewBox").split()[2:])
    transform = svg.find(f"{SVG}g").get("transform")
    inner = float(transform.removeprefix("scale(").split()[0].split(")")[0].split(",")[0])
    return min(sizes) * inner * min(1280 / width, 720 / height)


def touching(diagram, gap=2.0):
    """Return the texts on edges that are nearer than some points to what they don't belong to.

    That is another text, a box, or another edge, as Graphviz has laid them out.
    """
    layout = json.loads(diagram.pipe("json"))
    objects, texts, lines, boxes = layout["objects"], [], [], []
    for edge in layout["edges"]:
        name = tuple(objects[edge[end]]["name"] for end in ("tail", "head"))
        size = float(edge.get("fontsize", 14))
        for step in (*edge.get("_draw_", ()), *edge.get("_ldraw_", ())):
            if step["op"] == "T":
                (x, y), said = step["pt"], step["text"].strip("\xa0 ")
                half = step["width"] / 2 - _SPACE * size * (len(step["text"]) - len(said)) / 2
                texts.append((name, said, (x - half, y - size / 5, x + half, y + size * 0.75)))
            if step["op"] == "b":
                lines.append((name, list(_points(step["points"]))))
    for thing in objects:
        if "width" in thing:
            x, y = map(float, thing["pos"].split(","))
            across, up = (36 * float(thing[side]) for side in ("width", "height"))
            boxes.append((thing["name"], (x - across, y - up, x + across, y + up)))
    found = []
    for name, said, (left, low, right, high) in texts:
        wide = left - gap, low - gap, right + gap, high + gap
        found += [(said, box) for box, place in boxes if _overlap(wide, place)]
        for other, points in lines:
            if other != name and any(_overlap(wide, (x, y, x, y)) for x, y in points):
                found.append((said, other))
    pairs = itertools.combinations(texts, 2)
    return found + [(a[1], b[1]) for a, b in pairs if _overlap(a[2], b[2])]


def _overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _points(line):
    """Yield points on a line of Bézier curves."""
    for a, b, c, d in (line[i : i + 4] for i in range(0, len(line) - 3, 3)):
        for t in (i / 20 for i in range(21)):
            u = 1 - t
            yield [
                u**3 * p + 3 * u * u * t * q + 3 * u * t * t * r + t**3 * s
                for p, q, r, s in zip(a, b, c, d, strict=True)
            ]
