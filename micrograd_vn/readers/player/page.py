"""The file of a page: its parts in one, closed to all that is outside by its own policy."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import pathlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import reduce
from itertools import groupby
from string import Template
from typing import Any

from micrograd_vn.engine import Value
from micrograd_vn.formulas.document import Block, Document
from micrograd_vn.formulas.javascript import HELPERS
from micrograd_vn.formulas.text import Text
from micrograd_vn.phrases import LANGUAGES, phrases
from micrograd_vn.readers.player.graph import Graph
from micrograd_vn.readers.player.picture import pictures

FOLDER = pathlib.Path(__file__).parent
SCRIPTS = "numbers model formulas picture sentences inputs questions page controls".split()
"""The scripts in their order; each uses what those before it define."""


def page(
    graph: Graph,
    title: str,
    statement: Mapping[str, Document],
    solution: Mapping[str, Document],
    known: Collection[Value],
    lang: str,
    most: int,
) -> str:
    """Return the page of a graph."""
    drawn = pictures(graph, Text()(graph.goal), most)
    data = graph.data()
    data["known"] = [i for v, i in graph.ids.items() if v.op and v in known]
    data["learned"] = _learned(graph, [leaf["node"] for leaf in data["leaves"]])
    data["phrases"] = {each: _phrases(each) for each in LANGUAGES}
    data["signs"] = [*phrases("heard", lang)]
    data["heard"] = {each: [*phrases("heard", each).values()] for each in LANGUAGES}
    script = _script(graph)
    style = _code(_file("player.css"), _SPACE_OF_STYLE)
    return Template(_file("player.html")).substitute(
        lang=lang,
        policy=html.escape(_policy(script, style)),
        title=html.escape(title),
        style=style,
        statement=_sections(statement),
        solution=_sections(solution),
        picture="\n".join(drawn),
        formulas="".join([f"<math>{_bare(elements)}</math>\n" for elements in graph.math]),
        data=embedded(data),
        script=script,
    )


def _learned(graph: Graph, leaves: Sequence[int]) -> list[int]:
    """Return the inputs that gradient descent moves at first: the parameters, if there are any."""
    roles = [graph.roles[v] for v in graph.ids]
    for role in ("parameter", "leaf", "input"):
        if found := [i for i in leaves if roles[i] == role]:
            return found
    return []


def _phrases(lang: str) -> dict[str, str]:
    """Return the phrases of a page: its own, and those of a solution and of a picture."""
    solution = phrases("solution", lang)
    shared = {key: solution[key] for key in ("convention", "kink", "tie")}
    shared |= {"because": solution["as"], "ask": solution["compute"]}
    return phrases("player", lang) | shared | {"value": phrases("picture", lang)["value"]}


def _file(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def _script(graph: Graph) -> str:
    functions = graph.script()
    model = f"const FUNCTIONS = (() => {{ {_helpers(functions)} return {{ {functions} }}; }})();"
    parts = ['"use strict";', model, *[_file(f"{name}.js") for name in SCRIPTS]]
    return "\n".join([_code(part, _SPACE_OF_SCRIPT) for part in parts])


_HELPER = re.compile(r"^function (\w+)\(.*?^}$", re.MULTILINE | re.DOTALL)


def _helpers(functions: str) -> str:
    """Return the helpers that functions call, and those that these call."""
    bodies = {m[1]: m[0] for m in _HELPER.finditer(HELPERS.read_text("utf-8"))}
    needed: dict[str, str] = {}
    texts = [functions]
    while texts:
        called = set(re.findall(r"\w+(?=\()", texts.pop())) & set(bodies) - set(needed)
        needed |= {name: bodies[name] for name in called}
        texts += [bodies[name] for name in called]
    return "\n".join([body for name, body in bodies.items() if name in needed])


# Comments, which are a third of a script; and outside strings, spaces that part no words or signs,
# and what ends the last of several things.
_COMMENT = re.compile(r"^\s*//[^\n]*| // [^\n]*|/\*.*?\*/", re.MULTILINE | re.DOTALL)
_STRING = r'("(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)'
_SPACE_OF_STYLE = re.compile(_STRING + r"|;\s*(?=\})|\s*([{};,])\s*|(?<=:)\s+|\b0(?=\.\d)")
_SPACE_OF_SCRIPT = re.compile(
    _STRING + r"|;\s*(?=\})|,\s*(?=[])}])|\s*([][(){};,=<>*/?!:&|]|(?<= )[-+](?= [^-+]))\s*"
)


def _code(text: str, space: re.Pattern[str]) -> str:
    """Return a script or a style sheet without its comments and needless space."""
    return space.sub(lambda m: m[1] or m[2] or "", _COMMENT.sub("", text)).strip()


# What a formula in HTML need not say, or what the style sheet or the script says of all.
_SAID_ELSEWHERE = (
    ' stretchy="false"', ' xmlns="http://www.w3.org/1998/Math/MathML"', ' display="inline"',
    ' style="text-align: right; padding-right: 0"', ' style="text-align: left; padding-left: 0"',
)  # fmt: skip


def _sections(texts: Mapping[str, Document]) -> str:
    """Return a text in all its languages; what is the same in all, as formulas are, once."""
    blocks = [text.blocks for text in texts.values()]
    if len(set(map(len, blocks))) > 1:
        aligned = [(False, blocks)]
    else:
        groups = groupby(
            zip(*blocks, strict=True), lambda each: len(set(map(_html, zip(each)))) == 1
        )
        aligned = [(same, list(zip(*group, strict=True))) for same, group in groups]
    sections = []
    for same, parts in aligned:
        if same:
            sections.append(_html(parts[0]))
        else:
            written = zip(texts, map(_html, parts), strict=True)
            sections += [f'<div lang="{lang}">\n{part}</div>\n' for lang, part in written]
    return _bare("".join(sections))


def _bare(elements: str) -> str:
    return reduce(lambda text, said: text.replace(said, ""), _SAID_ELSEWHERE, elements)


def _html(blocks: Iterable[Block]) -> str:
    return Document(tuple(blocks)).to_html()


def embedded(data: Any) -> str:
    """Return data as JSON that no label can end."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for c in "<>&\u2028\u2029":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates


def _policy(script: str, style: str) -> str:
    """Return what the page may load: only what stands in it, as it was written."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
