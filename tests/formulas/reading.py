"""Reads what the writers for people wrote, to evaluate it: one grammar, three scanners.

It is independent of the package: text is read from its characters, LaTeX from its commands, and
MathML from its elements. What is read is a nested tuple.
"""

import math
import re
import xml.etree.ElementTree as ET

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
FUNCTIONS = {
    "+": lambda a, b: a + b,
    "−": lambda a, b: a - b,
    "·": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "neg": lambda a: -a,
    "^": lambda a, b: a**b,
    "|": abs,
    "√": math.sqrt,
    "e^": math.exp,
    "exp": math.exp,
    "ln": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "atan": math.atan,
    "tanh": math.tanh,
    "sech": lambda x: 1 / math.cosh(x),
    "σ": lambda x: 1 / (1 + math.exp(-x)),
    "ReLU": lambda x: max(x, 0.0),
    "GELU": lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
    "LeakyReLU": lambda x, a: x if x > 0 else a * x,
    "erf": math.erf,
    "erfc": math.erfc,
    "max": max,
    "min": min,
    "step": lambda x: float(x > 0),
    "sign": lambda x: float((x > 0) - (x < 0)),
    "greater": lambda x, y: 0.5 if x == y else float(x > y),
    "LSE": lambda *xs: math.log(sum(map(math.exp, xs))),
    "softsign": lambda x: x / (1 + abs(x)),
}
NAMES = sorted([name for name in FUNCTIONS if name.isalpha()], key=len, reverse=True)


def evaluated(tree, at):
    """Return the number of what was read, from those of its leaves."""
    kind, *parts = tree
    if kind == "leaf":
        return at[parts[0]]
    if kind == "number":
        return parts[0]
    return FUNCTIONS[kind](*[evaluated(p, at) for p in parts])


class WrongError(Exception):
    """The tokens are no formula."""


class Parser:
    """The grammar of formulas as people write them: − and + loosest, then · and /, then powers."""

    def __init__(self, tokens):
        self.tokens, self.i = [*tokens, "end"], 0

    def formula(self):
        tree = self.sum()
        if self.tokens[self.i] != "end":
            raise WrongError(self.tokens[self.i :])
        return tree

    def take(self, *wanted):
        token = self.tokens[self.i]
        if isinstance(token, str) and token in wanted:
            self.i += 1
            return token
        return None

    def need(self, wanted):
        if not self.take(wanted):
            raise WrongError(wanted, self.tokens[self.i :])

    def sum(self):
        left = ("neg", self.product()) if self.take("−") else self.product()
        while sign := self.take("+", "−"):
            left = (sign, left, self.product())
        return left

    def product(self):
        left = self.power()
        while sign := self.take("·", "/"):
            left = (sign, left, self.power())
        return left

    def power(self):
        base = self.atom()
        exponent = self.exponent()
        return base if exponent is None else ("^", base, exponent)

    def exponent(self):
        if self.take("^"):
            return self.atom()
        token = self.tokens[self.i]
        if isinstance(token, tuple) and token[0] == "raised":
            self.i += 1
            return token[1]
        return None

    def atom(self):
        token = self.tokens[self.i]
        self.i += 1
        if isinstance(token, tuple) and token[0] == "function":
            exponent = self.exponent()
            self.need("(")
            operands = [self.sum()]
            while self.take(","):
                operands.append(self.sum())
            self.need(")")
            call = (token[1], *operands)
            return call if exponent is None else ("^", call, exponent)
        if isinstance(token, tuple) and token[0] != "raised":
            return token
        closing = {"(": ")", "|": "|", "{": "}"}.get(token)
        if closing:
            inner = self.sum()
            self.need(closing)
            return ("|", inner) if token == "|" else inner
        if token == "√":
            return ("√", self.atom())
        raise WrongError(token)


def parse(tokens):
    """Return the tree of tokens."""
    return Parser(tokens).formula()


def scan(text, rules, leaves):
    """Return the tokens of a text: leaves, the longest first, then what the rules say."""
    known = sorted(leaves, key=len, reverse=True)
    tokens = []
    while text:
        if leaf := next((x for x in known if text.startswith(x)), None):
            tokens.append(("leaf", leaves[leaf]))
            text = text[len(leaf) :]
            continue
        for pattern, make in rules:
            if match := re.match(pattern, text):
                token, text = make(match), text[match.end() :]
                tokens += token if isinstance(token, list) else [token]
                break
        else:
            raise WrongError(text)
    return tokens


def itself(match):
    return match[0]


def nothing(match):
    return []


def number(match):
    return ("number", float(match[0]))


TEXT = [
    (r"\s+", nothing),
    (r"\d+(\.\d+)?", number),
    (r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: ("raised", ("number", float(m[0].translate(SUPERSCRIPTS))))),
    (r"e\^", lambda m: ("function", "e^")),
    ("|".join(NAMES), lambda m: ("function", m[0])),
    (r"[-+−·/()|,^√]", itself),
]


def text_tokens(text, leaves):
    """Return the tokens of plain text."""
    return scan(text, TEXT, leaves)


def read_latex(text, leaves):
    """Return what LaTeX says."""
    tokens, i = [], 0
    known = sorted(leaves, key=len, reverse=True)

    def group():
        """Return the text of the group in braces that starts here."""
        nonlocal i
        if text[i] != "{":
            raise WrongError(text[i:])
        depth, start = 0, i
        while True:
            depth += (text[i] == "{") - (text[i] == "}")
            i += 1
            if depth == 0:
                return text[start + 1 : i - 1]

    while i < len(text):
        rest = text[i:]
        if leaf := next((x for x in known if rest.startswith(x)), None):
            tokens.append(("leaf", leaves[leaf]))
            i += len(leaf)
            continue
        token = r"\\mathrm\{e\}|\\(left|right)|\\[a-z]+ ?|\d+(\.\d+)?|\s+|[-+()|,{}^σ]"
        match = re.match(token, rest)
        if not match:
            raise WrongError(rest)
        word = match[0]
        i += len(word)
        command = word.strip().removeprefix("\\")
        if not command or command in ("left", "right"):
            continue
        if word == r"\mathrm{e}":
            i += 1
            tokens.append(("e^", read_latex(group(), leaves)))
        elif command == "frac":
            tokens.append(("/", read_latex(group(), leaves), read_latex(group(), leaves)))
        elif command == "sqrt":
            tokens.append(("√", read_latex(group(), leaves)))
        elif command == "operatorname":
            tokens.append(("function", group()))
        elif command in ("cos", "exp", "ln", "max", "min", "sin", "tan", "tanh"):
            tokens.append(("function", command))
        elif command == "sigma":
            tokens.append(("function", "σ"))
        elif word == "^":
            tokens.append(("raised", read_latex(group(), leaves)))
        elif word[0].isdigit():
            tokens.append(("number", float(word)))
        elif word == "{":
            i -= 1
            tokens.append(read_latex(group(), leaves))
        else:
            tokens.append({"cdot": "·", "-": "−"}.get(command, command))
    return parse(tokens)


def read_mathml(text, leaves):
    """Return what elements of MathML say, read by an XML parser."""
    known = {canonical(ET.fromstring(f"<mrow>{x}</mrow>")): leaf for x, leaf in leaves.items()}
    return read_elements(ET.fromstring(f"<mrow>{text}</mrow>"), known)


def canonical(element):
    """Return an element as text, without the rows that only group one element."""
    while element.tag == "mrow" and len(element) == 1:
        element = element[0]
    inner = (element.text or "") + "".join(map(canonical, element))
    return f"<{element.tag}>{inner}</>"


def read_elements(element, known):
    return parse(element_tokens(element, known))


def element_tokens(element, known):
    tokens = []
    for part in element if element.tag == "mrow" else [element]:
        if (leaf := known.get(canonical(part))) is not None:
            tokens.append(("leaf", leaf))
        elif part.tag == "mrow":
            tokens += element_tokens(part, known)
        elif part.tag == "mn":
            tokens.append(("number", float(part.text)))
        elif part.tag == "mo":
            tokens.append(part.text)
        elif part.tag == "mi":
            tokens.append(("function", part.text))
        elif part.tag == "msqrt":
            row = ET.Element("mrow")
            row.extend(part)
            tokens.append(("√", read_elements(row, known)))
        elif part.tag == "mfrac":
            tokens.append(("/", *[read_elements(p, known) for p in part]))
        elif part.tag == "msup":
            base, above = part
            while base.tag == "mrow" and len(base) == 1:
                base = base[0]
            exponent = read_elements(above, known)
            if base.tag == "mi" and base.text == "e" and canonical(base) not in known:
                tokens.append(("e^", exponent))
            else:
                inner = element_tokens(base, known)
                if len(inner) > 1:
                    # A bare sum or product would be raised as a whole by this language only.
                    first = inner[0]
                    bound = first in ("(", "|") or first[0] == "function"
                    inner = [parse(inner)] if bound else ["wrong"]
                tokens += [*inner, ("raised", exponent)]
        else:
            raise WrongError(part.tag)
    return tokens
