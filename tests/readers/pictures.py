"""Reading pictures: the texts of their boxes, the numbers on their edges, and where they are."""

import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
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
