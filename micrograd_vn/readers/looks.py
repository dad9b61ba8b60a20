"""What is alike in all pictures: their words, numbers, colours and lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.errors import message
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Derivative, Formula, Name, rounded
from micrograd_vn.operators import values
from micrograd_vn.phrases import phrases
from micrograd_vn.readers.numbers import drawn, equals
from micrograd_vn.readers.rendering import Diagram

__all__ = ["Canvas", "check_shown", "derivatives_of", "escaped", "looks_of", "roles_of"]

Hints = Mapping[str, Iterable[Value]]
Pairs = Collection[tuple[Value, Value]]
Omissions = Collection[tuple[Value, Value] | tuple[Value, Value | str, str]]

FONT = "Helvetica,Arial,DejaVu Sans Condensed,sans-serif"
INK, DERIVATIVE = "#1F2933", "#B3400A"
SLIDE = (13.3333, 7.5)  # inches: 1280 x 720 pixels

# Lightness, line and corners tell the roles apart too, for those who see no colours.
ROLES = {
    "input": {"fillcolor": "#A9D0F5"},
    "parameter": {"fillcolor": "#C3A9E8", "style": "filled"},
    "target": {"fillcolor": "#FFF0B3", "style": "filled,dashed"},
    "leaf": {"fillcolor": "#E3E9F0"},
    "intermediate": {"fillcolor": "#FFFFFF"},
    "output": {"fillcolor": "#BFE8D2", "penwidth": "2.5"},
    "constant": {"fillcolor": "#FFFFFF", "style": "rounded,dashed"},
}
HINTS = ("input", "parameter", "target", "constant")
PATH = {"color": "#D97706", "penwidth": "3.5"}
CIRCLE = {
    "shape": "circle", "style": "filled", "fillcolor": INK, "fontcolor": "#FFFFFF",
    "margin": "0.02",
}  # fmt: skip


def roles_of(
    owner: str, order: Iterable[Value], roots: Iterable[Value], hints: Hints | None
) -> dict[Value, str]:
    """Return the role of each value: what is said, else what the graph shows.

    Raises
    ------
    ValueError
        There is no such role, or a value is given two.
    """
    said: dict[Value, str] = {}
    for role, given in (hints or {}).items():
        if role not in HINTS:
            raise ValueError(message("role", owner, ", ".join(HINTS), repr(role)))
        for value in values(owner, f"roles[{role!r}]", given):
            if said.setdefault(value, role) != role:
                raise ValueError(message("two roles", owner, repr(value), said[value], role))
    outputs = set(roots)
    found = {}
    for v in order:
        computed = "output" if v in outputs else "intermediate"
        plain = "constant" if isinstance(v, Constant) else "leaf"
        found[v] = said.get(v, computed if v.op is not None else plain)
    return found


def derivatives_of(roots: Sequence[Value], of: str | None) -> tuple[frozenset[Value], str | None]:
    """Return the values that have a gradient, and of what it is the derivative.

    An output that was differentiated has a gradient itself: 1, unless `backward` was given
    another, for the derivatives of something further on.
    """
    seeded = [v for v in roots if v.grad != 0]
    if of is None and len(seeded) == 1 and seeded[0].grad == 1:
        of = seeded[0].label
    return frozenset(topological_order(*seeded)), of


def check_shown(owner: str, rankdir: str, digits: int) -> None:
    """Raise an error if a direction or a number of digits is not possible."""
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise ValueError(message("rankdir", owner, repr(rankdir)))
    if not isinstance(digits, int) or digits not in range(1, 18):
        raise ValueError(message("digits", owner, 17, digits))


def looks_of(role: str, marked: bool) -> dict[str, str]:
    """Return the attributes of a box; one that is marked keeps the colour of its role."""
    return ROLES[role] | (PATH if marked else {})


@dataclass
class Canvas:
    """A picture in the making: what it shows, and in which form.

    Attributes
    ----------
    roles
        Of each value.
    marked
        The values on the highlighted paths.
    differentiated
        The values that have a gradient.
    of
        What the gradients are derivatives of; a word stands for what has no name.
    form
        Where the numbers of a box are: ``"right"`` of its name, one above the other;
        ``"below"`` it, side by side; all in a ``"column"``; or ``"mixed"``, where leaves are
        columns and what is computed has them below.
    bare
        Whether the numbers stand without words.
    room
        The letters that there is room for in the number on each edge, at least.
    texts
        Of each box, how many lines its name has, and which numbers follow.
    arrows
        The names of the edges whose derivative is that by a value.
    """

    roles: dict[Value, str]
    marked: Set[Value]
    differentiated: frozenset[Value]
    of: str | None
    digits: int
    show: Collection[str]
    lang: str
    rankdir: str
    form: str = "right"
    bare: bool = False
    room: int = 0
    diagram: Diagram = field(init=False)
    gap: str = field(init=False)  # beside what stands on an edge
    small: str = field(init=False)  # size of the text of a legend
    texts: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    arrows: dict[Value, list[str]] = field(default_factory=dict)

    def start(self, lines: Sequence[str], slide: bool) -> None:
        """Begin with an empty picture that has the looks of all boxes and edges."""
        self.diagram = Diagram(format="svg")
        self.diagram.texts, self.diagram.arrows = self.texts, self.arrows
        self.small = "18" if slide else "15"
        self.gap = "  " if self.rankdir in ("TB", "BT") else "" if slide else " "
        sparse = {"nodesep": "0.3", "ranksep": "0.35"}
        tight = {"nodesep": "0.08", "ranksep": "0.12", "size": f"{SLIDE[0]},{SLIDE[1]}!"}
        same = {"rankdir": self.rankdir, "fontname": FONT, "fontsize": "22"}
        self.diagram.attr(**same, **(tight if slide else sparse))
        if lines:
            self.diagram.attr(label="\\n".join(map(escaped, lines)), labelloc="t")
        # The margin is room for fonts that run wider than Graphviz reckons.
        margin = "0.11,0.03" if slide else "0.2,0.1"
        box = {"shape": "record", "style": "rounded,filled", "margin": margin, "fontsize": "18"}
        self.diagram.attr("node", fontname=FONT, color=INK, **box)
        size = "18" if slide else "16"
        edge = {"arrowsize": "0.8", "color": INK, "fontcolor": DERIVATIVE}
        self.diagram.attr("edge", fontname=FONT, fontsize=size, **edge)

    def box(
        self,
        name: str,
        value: Value,
        lines: Sequence[str],
        formula: Formula,
        but: Collection[str] = (),
    ) -> None:
        """Draw a value: the lines of its name, and its numbers, but for some kinds of these."""
        numbers = [entry for entry in self.numbers(value, formula) if entry[0] not in but]
        number = drawn(value, self.digits)
        sign = equals(number, value.data)
        fixed = self.roles[value] in ("target", "constant") and value.op is None
        if fixed and value.label is not None and "value" in self.show:
            lines = [*lines[:-1], f"{lines[-1]} {sign} {number}"]
        title = "\\n".join(map(escaped, lines))
        parts = [escaped(text) for _, text in numbers]
        form = self.form
        if form == "mixed":
            form = "column" if value.op is None else "below"
        label = self._record(title, parts, form)
        whole = " ".join(lines)
        tooltip = whole if fixed else f"{whole} {sign} {number}"
        look = looks_of(self.roles[value], value in self.marked)
        self.diagram.node(name, label, tooltip=escaped(tooltip), **look)
        self.texts[name] = title.count("\\n") + 1, [kind for kind, _ in numbers]

    def numbers(self, value: Value, name: Formula) -> list[tuple[str, str]]:
        """Return which numbers a box shows, with their words."""
        found = []
        words = phrases("picture", self.lang)
        text = Text()
        if self.roles[value] in ("target", "constant") and value.op is None:
            return []
        if "value" in self.show:
            number = text(drawn(value, self.digits))
            found.append(("value", number if self.bare else f"{words['value']} {number}"))
        if "gradient" in self.show and self.roles[value] not in ("target", "constant"):
            known = value in self.differentiated
            slope = rounded(value.grad, self.digits)
            number, sign = (text(slope), equals(slope, value.grad)) if known else ("–", "=")
            if self.bare:
                found.append(("gradient", number))
            elif self.of is None:
                found.append(("gradient", f"{words['gradient']} {number}"))
            else:
                symbol = text(Derivative(Name(self.of), [name]))
                found.append(("gradient", f"{symbol} {sign} {number}"))
        return found

    def edge(
        self,
        start: str,
        end: str,
        x: Value,
        number: str,
        tooltip: str,
        *,
        marked: bool,
        formula: str = "",
    ) -> None:
        """Draw an edge from a value, with the derivative by it: a formula, and its number."""
        shows = "derivative" in self.show and self.roles[x] not in ("target", "constant")
        written = formula + number.rjust(self.room, "0")
        label = escaped(f"{self.gap}{written}{self.gap}") if shows else None
        look = PATH if marked else {}
        hints = {"tooltip": escaped(tooltip), "labeltooltip": escaped(tooltip)}
        self.diagram.edge(start, end, label=label, **hints, **look)
        self.arrows.setdefault(x, []).append(f"{start}->{end}")

    def in_order(self, ids: Mapping[Value, str], operands: Mapping[str, Sequence[Value]]) -> None:
        """Let operands stand in their order: those of a box or circle, by its name.

        Where they are used in several places, those that are used together keep it.
        """
        uses: dict[Value, list[str]] = {}
        for name, xs in operands.items():
            for x in dict.fromkeys(xs):
                uses.setdefault(x, []).append(name)
        depth: dict[Value, int] = {}
        together: dict[tuple[object, ...], list[str]] = {}
        for x in ids:
            depth[x] = 1 + max([depth[y] for y in x.parents], default=0)
        for name, xs in operands.items():
            if all(len(uses[x]) == 1 for x in xs):
                self.diagram.node(name, ordering="in")
                continue
            for x in dict.fromkeys(xs):
                if uses[x][0] == name:
                    together.setdefault((depth[x], *uses[x]), []).append(ids[x])
        for names in together.values():
            self.row(names)

    def row(self, names: Sequence[str], visible: Collection[str] = ()) -> None:
        """Put boxes beside each other, across the flow; edges from some of them are seen."""
        if len(names) > 1:
            with self.diagram.subgraph() as row:
                row.attr(rank="same")
                for before, after in pairwise(names):
                    look = {"tooltip": " "} if before in visible else {"style": "invis"}
                    row.edge(before, after, **look)

    def legend(self, columns: int) -> None:
        """Say what the looks mean, of the roles that there are, in rows along the flow."""
        words = phrases("picture", self.lang)
        used = [role for role in ROLES if role in set(self.roles.values())]
        entries = [(f"role_{role}", words[role], looks_of(role, False)) for role in used]
        if self.marked:
            entries.append(("role_path", words["path"], {"fillcolor": "#FFFFFF", **PATH}))
        small = {"fontsize": self.small, "height": "0", "width": "0", "margin": "0.16,0.05"}
        long = ceil(len(entries) / ceil(len(entries) / columns))  # of rows that are about as long
        rows = [entries[i : i + long] for i in range(0, len(entries), long)]
        for row in rows if self.rankdir in ("TB", "BT") else reversed(rows):  # the first is above
            for name, word, look in row:
                self.diagram.node(name, escaped(word), tooltip=" ", **small, **look)
            for (before, *_), (after, *_) in pairwise(row):
                self.diagram.edge(before, after, style="invis")

    def _record(self, title: str, parts: Sequence[str], form: str) -> str:
        """Return a label with its fields where the form says; rows and columns swap with LR."""
        if not parts:
            return title
        numbers = "|".join(parts)
        fields = f"{title}|{numbers}" if form == "column" else f"{title}|{{{numbers}}}"
        in_rows = self.rankdir in ("LR", "RL")
        return fields if in_rows == (form != "right") else f"{{{fields}}}"


def escaped(text: str) -> str:
    """Return `text` such that Graphviz shows it as it is, in records too."""
    shown = []
    for c in text:
        if c == "\n":
            shown.append("\\n")
        elif c == "&":
            shown.append("&amp;")
        elif c in "\\{}|<> ":
            shown.append("\\" + c)
        elif c == "\t":
            shown.append("\\ " * 4)
        elif c.isprintable() or c == "\u200d":
            shown.append(c)
        else:  # control characters and lone surrogates, which no SVG may hold
            shown.append("\ufffd")
    return "".join(shown)
