"""`explain`: the graph as a worked solution by the chain rule.

The graph between two values is cut at those that have a name. What lies between two
names is one formula, and its derivative one factor of the chain rule; both come from
the operations' own entries, by `grad`. A solution is first put together as blocks of
text and formulas, and then written as plain text, Markdown or LaTeX.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from micrograd_vn.engine import Constant, Value, grad, record, topological_order
from micrograd_vn.notation import (
    NAME,
    PRODUCT,
    SUBSCRIPTS,
    SUM,
    Formula,
    formula,
    latex_text,
    mathml,
    name_formula,
    number,
    number_formula,
    parsed,
)

__all__ = ["Explanation", "explain"]

_LONGEST_FORMULA = 40  # of a value without a label; a longer one gets a name
_LONGEST_DEFINITION = 60
_MOST_PATHS = 4  # to be multiplied out; with more, each value has a step
_MOST_FOLDED = 10  # values on the way; with more, only those with a label are shown
_MOST_STEPS = 30

_PHRASES = {
    "vi": {
        "find": "Tính {}.",
        "given": "Tính {}, biết {}.",
        "chain rule": "Theo quy tắc chuỗi:",
        "where": "Trong đó:",
        "implies": "{}, suy ra {}",
        "compute": "Tính {}",
        "with": ", với {}",
        "and": " và ",
        "because": " (vì {})",
        "by step": " (theo {})",
        "combine": "Kết hợp tính toán:",
        "so": "Suy ra:",
        "hence": "Từ đó:",
        "put in": "Thay các giá trị đã cho:",
        "result": "Kết quả:",
        "independent": "{} không phụ thuộc vào {}, nên đạo hàm bằng 0.",
        "held": "Ký hiệu {} là đạo hàm của {} theo {} khi {} không đổi.",
        "labelled only": "Biểu thức dài, nên chỉ các đại lượng có tên được trình bày; "
        "đạo hàm giữa chúng được tính trực tiếp từ đồ thị.",
    },
    "en": {
        "find": "Find {}.",
        "given": "Find {}, given {}.",
        "chain rule": "By the chain rule:",
        "where": "Here:",
        "implies": "{}, so {}",
        "compute": "Find {}",
        "with": ", where {}",
        "and": " and ",
        "because": " (as {})",
        "by step": " (by {})",
        "combine": "Put together:",
        "so": "Therefore:",
        "hence": "Hence:",
        "put in": "With the given values:",
        "result": "Result:",
        "independent": "{} does not depend on {}, so the derivative is 0.",
        "held": "Here {} is the derivative of {} by {} while {} is held constant.",
        "labelled only": "The expression is long, so only values with a name are shown; the "
        "derivatives between them are computed from the graph.",
    },
}

Part: TypeAlias = "str | Formula"


@dataclass(frozen=True)
class _Paragraph:
    parts: tuple[Part, ...]
    bullet: bool = False


@dataclass(frozen=True)
class _Equation:
    """Formulas that are equal, and a remark."""

    sides: tuple[Formula, ...]
    remark: tuple[Part, ...] = ()


@dataclass(frozen=True)
class _Display:
    equations: tuple[_Equation, ...]


class Explanation:
    """A worked solution: prints as text, shows in Jupyter, and is written as LaTeX."""

    def __init__(self, blocks: Sequence[_Paragraph | _Display]) -> None:
        self._blocks = tuple(blocks)

    def __str__(self) -> str:
        written = []
        for block in self._blocks:
            if isinstance(block, _Paragraph):
                text = "".join(p if isinstance(p, str) else p.text for p in block.parts)
                written.append(f"• {text}" if block.bullet else text)
            else:
                written.append("\n".join(map(_equation_text, block.equations)))
        return "\n\n".join(written) + "\n"

    __repr__ = __str__

    def to_markdown(self) -> str:
        """Return the solution as Markdown, with formulas in LaTeX between dollar signs."""
        written = []
        for block in self._blocks:
            if isinstance(block, _Paragraph):
                text = "".join(p if isinstance(p, str) else f"${p.latex}$" for p in block.parts)
                written.append(f"- {text}" if block.bullet else text)
            else:
                lines = " \\\\\n".join(_equation_latex(e) for e in block.equations)
                written.append(f"$$\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n$$")
        return "\n\n".join(written) + "\n"

    def to_latex(self) -> str:
        """Return the solution as LaTeX that needs the package amsmath."""
        written = []
        for block in self._blocks:
            if isinstance(block, _Paragraph):
                text = "".join(
                    latex_text(p) if isinstance(p, str) else f"${p.latex}$" for p in block.parts
                )
                item = f"\\begin{{itemize}}\n\\item {text}\n\\end{{itemize}}"
                written.append(item if block.bullet else f"\\noindent {text}")
            else:
                lines = " \\\\\n".join(_equation_latex(e) for e in block.equations)
                written.append(f"\\begin{{align*}}\n{lines}\n\\end{{align*}}")
        text = "\n\n".join(written) + "\n"
        return text.replace("\\end{itemize}\n\n\\begin{itemize}\n", "")

    def to_html(self) -> str:
        """Return the solution as HTML with MathML, for which latex2mathml is needed."""
        written = []
        for block in self._blocks:
            if isinstance(block, _Paragraph):
                text = "".join(
                    html.escape(p) if isinstance(p, str) else mathml(p.latex) for p in block.parts
                )
                written.append(f"<ul><li>{text}</li></ul>" if block.bullet else f"<p>{text}</p>")
            else:
                written += [
                    mathml(_equation_latex(e).replace("&=", "=", 1), display="block")
                    for e in block.equations
                ]
        return "\n".join(written).replace("</ul>\n<ul>", "\n")

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def _equation_text(equation: _Equation) -> str:
    first, *others = [side.text for side in equation.sides]
    remark = "".join(p if isinstance(p, str) else p.text for p in equation.remark)
    line = " = ".join([first, *others]) + remark
    if len(line) <= 84:
        return f"    {line}"
    start = f"    {first}"
    lines = [f"{start if i == 0 else ' ' * len(start)} = {x}" for i, x in enumerate(others)]
    return "\n".join(lines) + remark


def _equation_latex(equation: _Equation) -> str:
    first, *others = [side.latex for side in equation.sides]
    remark = "".join(
        rf"\text{{{latex_text(p)}}}" if isinstance(p, str) else p.latex for p in equation.remark
    )
    return f"{first} &= " + " = ".join(others) + remark


def explain(
    output: Value,
    wrt: Value,
    *,
    given: float | None = None,
    loss: str = "L",
    using: Iterable[Value] = (),
    lang: str = "vi",
    digits: int = 4,
) -> Explanation:
    """Return how one finds the derivative of `output` with respect to `wrt` by hand.

    Parameters
    ----------
    output, wrt
        The values. Those with a label between them are the steps of the chain rule;
        those without are folded into formulas.
    given
        If given, the derivative of `loss` with respect to `wrt`. The solution then
        solves for the unknown factor, that of `loss` with respect to `output`.
    loss
        The name of a quantity beyond `output`, for `given`.
    using
        Further values with labels, by whose names formulas may be written: such as the
        outputs of softmax, in the derivative of the cross-entropy.
    lang
        ``"vi"`` or ``"en"``.
    digits
        Significant digits of each number, from 1 to 15. Where rounded numbers would not
        give the rounded result, they are shown with more.

    Raises
    ------
    TypeError
        `output` or `wrt` is not a `Value`.
    ValueError
        `lang` or `digits` is out of range, two values have the same label, the graph
        between the two is too large to be read, or `given` leaves the unknown factor
        undetermined.

    Examples
    --------
    >>> w, x = Value(0.5, "w"), Value(3.0, "x")
    >>> z = w * x
    >>> z.label = "z"
    >>> y = z**2
    >>> y.label = "y"
    >>> print(explain(y, w, lang="en"))
    Find ∂y/∂w.
    <BLANKLINE>
    By the chain rule:
    <BLANKLINE>
        ∂y/∂w = ∂y/∂z · ∂z/∂w
    <BLANKLINE>
    Here:
    <BLANKLINE>
    • z = w·x, so ∂z/∂w = x = 3.0
    <BLANKLINE>
    • y = z², so ∂y/∂z = 2·z = 2·1.5 = 3
    <BLANKLINE>
    Therefore:
    <BLANKLINE>
        ∂y/∂w = 3·3.0 = 9
    <BLANKLINE>
    Result: ∂y/∂w = 9
    <BLANKLINE>
    """
    for name, value in (("output", output), ("wrt", wrt)):
        if not isinstance(value, Value):
            kind = type(value).__name__
            raise TypeError(f"explain: {name} must be a Value, not {kind} {value!r}")
    if lang not in _PHRASES:
        raise ValueError(f"explain: lang is 'vi' or 'en', not {lang!r}")
    if digits not in range(1, 16):
        raise ValueError(f"explain: digits is a whole number from 1 to 15, not {digits}")
    return _Solution(output, wrt, given, loss, tuple(using), lang, digits).explanation()


class _Factor(NamedTuple):
    """One factor of the chain rule: how it is written, and its value."""

    equation: _Equation
    value: float


class _Solution:
    """The values with names between `wrt` and `output`, and the solution put together."""

    def __init__(
        self,
        output: Value,
        wrt: Value,
        given: float | None,
        loss: str,
        using: tuple[Value, ...],
        lang: str,
        digits: int,
    ) -> None:
        self.output, self.wrt, self.given, self.loss = output, wrt, given, loss
        self.phrases, self.digits = _PHRASES[lang], digits
        self.order = topological_order(output, *using)
        between = {wrt}
        for value in topological_order(output):
            if between.intersection(value.parents):
                between.add(value)
        self.brief = False
        self.names = self.named(between, fold=True)
        steps = [v for v in self.order if v in between and v in self.names]
        if len(steps) > _MOST_FOLDED:
            self.brief = True
            self.names = self.named(between, fold=False)
            steps = [v for v in self.order if v in between and v in self.names]
        if len(steps) > _MOST_STEPS:
            raise ValueError(
                f"explain: {len(steps)} values with a name lie between the output and {wrt!r}, "
                f"more than the {_MOST_STEPS} that a solution can show; explain a part of it, "
                "such as the derivative with respect to a value nearer to the output"
            )
        self.steps = steps  # from wrt to output
        self.proxies = {v: Value(v.data, name.text) for v, name in self.names.items()}
        self.originals = {proxy: v for v, proxy in self.proxies.items()}
        self.keys: dict[tuple[object, ...], int] = {}
        self.cuts = {v: self.cut(v) for v in self.names if v.op is not None}
        self.known = {self.key(cut): v for v, cut in reversed(self.cuts.items())}
        self.operands = {v: self.named_operands(v) for v in steps if v is not wrt}
        self.below: dict[Value, set[Value]] = {wrt: {wrt}}
        for v in steps:
            if v is not wrt:
                self.below[v] = {v}.union(*[self.below[x] for x in self.operands[v]])
        self.factors: dict[tuple[Value, Value], _Factor] = {}

    # The graph, cut at the names

    def named(self, between: set[Value], *, fold: bool) -> dict[Value, Formula]:
        """Return the names of values: their labels, or short ones where needed."""
        labels = [v.label for v in self.order if v.label is not None]
        taken = set(labels)
        for same in sorted(taken):
            if labels.count(same) > 1:
                raise ValueError(
                    f"explain: {labels.count(same)} values are called {same!r}; "
                    "give each a label of its own"
                )
        ends = {self.output, self.wrt}
        names: dict[Value, Formula] = {}
        formulas: dict[Value, Formula] = {}
        count = 0
        for value in self.order:
            label = value.label
            if label is None and value.op is not None and fold:
                written = formula(value.op, [formulas[x] for x in value.parents])
                formulas[value] = written
                if len(written.text) <= _LONGEST_FORMULA and value not in ends:
                    continue
            if label is None and isinstance(value, Constant) and value not in ends:
                formulas[value] = number_formula(number(value.data, self.digits))
                continue
            if label is None and not fold and value.op and value not in ends:
                continue
            if label is None:
                label = "f" if value is self.output and "f" not in taken else None
            while label is None:
                count += 1
                small = str(count).translate(SUBSCRIPTS)
                label = f"u{small}" if f"u{small}" not in taken else None
            names[value] = formulas[value] = name_formula(label)
        return names

    def cut(self, value: Value) -> Value:
        """Return `value` computed anew from stand-ins for the values with names."""
        made: dict[Value, Value] = {}
        for v in topological_order(value):
            if v in self.proxies and v is not value:
                made[v] = self.proxies[v]
            elif v.op is None:
                made[v] = v
            else:
                made[v] = record(v.op, [made[x] for x in v.parents])
        return made[value]

    def key(self, value: Value) -> int:
        """Return a number that two values have in common if they are the same formula."""
        keys: dict[Value, int] = {}
        for v in topological_order(value):
            key: tuple[object, ...]
            if v in self.originals:
                key = ("name", id(v))
            elif v.op is None:
                key = ("number", v.data)
            else:
                key = (v.op, *[keys[x] for x in v.parents])
            keys[v] = self.keys.setdefault(key, len(self.keys))
        return keys[value]

    def named_operands(self, value: Value) -> list[Value]:
        """Return the values between wrt and `value` on which it depends directly."""
        found = {self.originals.get(v) for v in topological_order(self.cuts[value])}
        return [v for v in self.steps if v in found and v is not value]

    # Factors

    def atom(self, v: Value) -> Value | None:
        """Return the value with a name that `v` stands for or equals, if there is one."""
        if v in self.originals:
            return self.originals[v]
        return self.known.get(self.key(v)) if v.op is not None else None

    def written(self, value: Value, digits: int | None) -> tuple[Formula, float, list[Part]]:
        """Return a formula with names, or with numbers of `digits`; its value; and reasons.

        What is piecewise constant is written as its value, for which there is a reason.
        """
        made: dict[Value, tuple[Formula, float]] = {}
        reasons: list[Part] = []
        for v in topological_order(value):
            original = self.atom(v)
            if original is not None:
                if digits is None:
                    made[v] = self.names[original], v.data
                else:
                    text = self.number_of(original, digits)
                    made[v] = number_formula(text), parsed(text)
            elif v.op is None:
                text = number(v.data, digits or 17) if digits else number(v.data, self.digits)
                made[v] = number_formula(text), v.data if digits is None else parsed(text)
            elif _is_piecewise(v):
                made[v] = number_formula(number(v.data)), v.data
                reason = self.reason(v)
                if reason is not None and reason not in reasons:
                    reasons += [", ", reason] if reasons else [reason]
            else:
                parts = [made[x] for x in v.parents]
                made[v] = (
                    formula(v.op, [f for f, _ in parts]),
                    v.op.forward(*[x for _, x in parts]),
                )
        return *made[value], reasons

    def reason(self, value: Value) -> Formula | None:
        """Return how the operands of a piecewise constant value compare, or with 0."""
        x, y = (*value.parents, Constant(0.0))[:2]
        if math.isnan(x.data) or math.isnan(y.data):
            return None
        relation = "<" if x < y else ">" if x > y else "="
        left, right = self.written(x, None)[0], self.written(y, None)[0]
        return Formula(
            f"{left.text} {relation} {right.text}", f"{left.latex} {relation} {right.latex}"
        )

    def number_of(self, value: Value, digits: int) -> str:
        """Return the number of a value; what is given as 3.0 is written so."""
        text = number(value.data, digits)
        given = value.op is None and not isinstance(value, Constant)
        return f"{text}.0" if given and text.strip("−").isdigit() else text

    def factor(self, result: Value, operand: Value) -> _Factor:
        """Return the derivative of a value with respect to one of its named operands."""
        key = result, operand
        if key not in self.factors:
            (derivative,) = grad(self.cuts[result], [self.proxies[operand]])
            self.factors[key] = self.computed(self.edge(result, operand), derivative)
        return self.factors[key]

    def computed(self, symbol: Formula, derivative: Value) -> _Factor:
        """Return ``symbol = formula = formula with numbers = number``."""
        value = derivative.data
        final = number_formula(number(value, self.digits))
        if self.brief:
            return _Factor(_Equation((symbol, final)), value)
        named, _, reasons = self.written(derivative, None)
        numbers = final
        for digits in range(self.digits, 18):
            try:
                numbers, approximate, _ = self.written(derivative, digits)
            except (ArithmeticError, ValueError):  # so rounded, it is outside the domain
                continue
            if number(approximate, self.digits) == final.text:
                break
        sides = [symbol, named]
        for side in (numbers, final):
            if side.text not in (sides[-1].text, sides[-1].text.removesuffix(".0")):
                sides.append(side)
        remark: tuple[Part, ...] = ()
        if reasons:
            start, end = self.phrases["because"].split("{}")
            remark = (start, *reasons, end)
        return _Factor(_Equation(tuple(sides), remark), value)

    def edge(self, result: Value, operand: Value) -> Formula:
        """Return ∂result/∂operand, with a bar before what is held while it is taken.

        Without the bar it would not differ from the whole derivative, where `result`
        depends on `operand` directly as well as by way of others.
        """
        whole = self.symbol(self.names[result], self.names[operand])
        held = [
            self.names[x]
            for x in self.operands[result]
            if x is not operand and operand in self.below[x]
        ]
        if not held:
            return whole
        return _held(whole, held)

    @staticmethod
    def symbol(result: Formula, operand: Formula) -> Formula:
        """Return ∂result/∂operand."""
        return Formula(
            f"∂{result.text}/∂{operand.text}",
            rf"\frac{{\partial {result.latex}}}{{\partial {operand.latex}}}",
        )

    # The solution

    def explanation(self) -> Explanation:
        """Return the solution, in the form that suits the paths of the chain rule."""
        if not {self.wrt, self.output}.issubset(self.steps):
            if self.given is not None:
                self.answer()  # says that it is undetermined
            return self.independent()
        goal = self.symbol(self.names[self.output], self.names[self.wrt])
        if self.wrt is self.output:
            one = number_formula("1")
            return Explanation([self.paragraph("find", goal), _Display((_Equation((goal, one)),))])
        if self.given is not None:
            goal = self.symbol(name_formula(self.loss), self.names[self.output])
            left = self.symbol(name_formula(self.loss), self.names[self.wrt])
            shown = _equals(left, number_formula(number(self.given, self.digits + 1)))
            blocks = [self.paragraph("given", goal, shown)]
        else:
            blocks = [self.paragraph("find", goal)]
        if self.brief:
            blocks.append(self.paragraph("labelled only"))
        if any("|" in self.edge(v, x).text for v in self.operands for x in self.operands[v]):
            y, x, h = map(name_formula, "yxh")
            blocks.append(self.paragraph("held", _held(self.symbol(y, x), [h]), y, x, h))
        rest: list[_Paragraph | _Display] = []
        paths = self.paths()
        if paths is None:
            rest = self.by_steps()
        elif len(paths) == 1:
            rest = self.by_one_path(paths[0], goal)
        else:
            rest = self.by_paths(paths)
        value = self.answer()
        final = number_formula(number(value, self.digits))
        result = _Paragraph((self.phrases["result"] + " ", _equals(goal, final)))
        return Explanation([*blocks, *rest, result])

    def answer(self) -> float:
        """Return the number asked for, from the graph itself."""
        slope = grad(self.output, [self.wrt])[0].data
        if self.given is None:
            return slope
        if slope == 0:
            raise ValueError(
                f"explain: the derivative of the output with respect to {self.wrt!r} is 0, "
                f"so the given {self.given!r} leaves the unknown factor undetermined"
            )
        return self.given / slope

    def independent(self) -> Explanation:
        """Return why the derivative is 0."""
        taken = {v.label for v in self.order}
        label = self.wrt.label or next(x for x in ("x", "t", "s", "x′") if x not in taken)
        names = self.names[self.output], name_formula(label)
        symbol = self.symbol(*names)
        return Explanation(
            [
                self.paragraph("find", symbol),
                self.paragraph("independent", *names),
                _Paragraph((self.phrases["result"] + " ", _equals(symbol, number_formula("0")))),
            ]
        )

    def paths(self) -> list[list[Value]] | None:
        """Return the paths from the output to wrt, or None if there are too many."""
        counts = {self.wrt: 1}
        for v in self.steps:
            if v is not self.wrt:
                counts[v] = sum(counts[x] for x in self.operands[v])
        if counts[self.output] > _MOST_PATHS:
            return None
        complete: list[list[Value]] = []
        stack = [[self.output]]
        while stack:
            path = stack.pop()
            if path[-1] is self.wrt:
                complete.append(path)
            else:
                stack += [[*path, x] for x in reversed(self.operands[path[-1]])]
        return complete

    def chain(self, path: Sequence[Value]) -> Formula:
        """Return the product of derivatives along a path, in symbols."""
        parts = [self.edge(a, b) for a, b in pairwise(path)]
        return Formula(
            " · ".join(p.text for p in parts), r" \cdot ".join(p.latex for p in parts), PRODUCT
        )

    def by_one_path(self, path: list[Value], goal: Formula) -> list[_Paragraph | _Display]:
        """Return the solution where the chain rule is one product."""
        edges = list(pairwise(path))
        factors = [self.factor(*edge) for edge in edges]
        if self.given is None and len(edges) == 1:
            equation = factors[0].equation
            definition = self.definition(path[0])
            intro = [_Display((definition,))] if definition else []
            return [*intro, _Display((equation,))]
        left = goal
        chain = self.chain(path)
        if self.given is not None:
            left = self.symbol(name_formula(self.loss), self.names[self.wrt])
            chain = _product([goal, chain], " · ", r" \cdot ")
        blocks: list[_Paragraph | _Display] = [
            self.paragraph("chain rule"),
            _Display((_Equation((left, chain)),)),
            self.paragraph("where"),
        ]
        for (result, _), factor in reversed(list(zip(edges, factors, strict=True))):
            definition = self.definition(result)
            line = _in_line(factor.equation)
            if definition is not None:
                start, middle, end = _split(self.phrases["implies"])
                line = (start, *_in_line(definition), middle, *line, end)
            blocks.append(_Paragraph(line, bullet=True))
        if self.given is None:
            sides = self.products([factors])
            return [*blocks, self.paragraph("so"), _Display((_Equation((goal, *sides)),))]
        return [*blocks, *self.solved(left, goal, factors)]

    def solved(
        self, left: Formula, goal: Formula, factors: Sequence[_Factor]
    ) -> list[_Paragraph | _Display]:
        """Return how the unknown factor follows from the left side and the others."""
        assert self.given is not None
        value = self.answer()
        named = [f.equation.sides[1].bound(PRODUCT) for f in factors]
        named = [f for f in named if f.text != "1"] or [number_formula("1")]
        rest = _product(named[::-1], "·", r" \cdot ")
        quotient = _quotient(left, rest)
        for digits in range(self.digits, 18):
            texts = [f.equation.sides[-1].text for f in factors if digits == self.digits]
            texts = texts or [number(f.value, digits) for f in factors]
            given = number(self.given, digits)
            rest_number = math.prod(map(parsed, texts))
            approximate = parsed(given) / rest_number if rest_number else math.nan
            if number(approximate, self.digits + 1) == number(value, self.digits + 1):
                break
        numbers = [number_formula(t).bound(PRODUCT) for t in texts if t != "1"]
        numbers = numbers or [number_formula("1")]
        numeric = _quotient(number_formula(given), _product(numbers[::-1], "·", r" \cdot "))
        final = number_formula(number(value, self.digits + 1))
        product = _product([goal, rest.bound(PRODUCT)], " · ", r" \cdot ")
        return [
            self.paragraph("so"),
            _Display((_Equation((left, product)),)),
            self.paragraph("hence"),
            _Display((_Equation((goal, quotient)),)),
            self.paragraph("put in"),
            _Display((_Equation((goal, numeric, final)),)),
        ]

    def by_paths(self, paths: list[list[Value]]) -> list[_Paragraph | _Display]:
        """Return the solution where the chain rule is a sum over a few paths."""
        symbol = self.symbol(self.names[self.output], self.names[self.wrt])
        chain = _sum([self.chain(path) for path in paths])
        blocks: list[_Paragraph | _Display] = [
            self.paragraph("chain rule"),
            _Display((_Equation((symbol, chain)),)),
        ]
        depth = {self.output: 0}
        for v in reversed(self.steps):
            for x in self.operands.get(v, []):
                depth[x] = max(depth.get(x, 0), depth[v] + 1)
        edges = {edge: None for path in paths for edge in pairwise(path)}
        step = 0
        for level in sorted({depth[a] for a, _ in edges}):
            here = [edge for edge in edges if depth[edge[0]] == level]
            step += 1
            definitions = [self.definition(v) for v in {a: None for a, _ in here}]
            blocks.append(
                self.step(
                    step,
                    [self.edge(a, b) for a, b in here],
                    [d for d in definitions if d is not None],
                )
            )
            blocks.append(_Display(tuple(self.factor(*edge).equation for edge in here)))
        blocks.append(_Paragraph((f"({step + 1}) {self.phrases['combine']}",)))
        factors = [[self.factor(*edge) for edge in pairwise(path)] for path in paths]
        sides = self.products(factors)
        blocks.append(_Display((_Equation((symbol, *sides)),)))
        if self.given is not None:
            left = self.symbol(name_formula(self.loss), self.names[self.wrt])
            goal = self.symbol(name_formula(self.loss), self.names[self.output])
            slope = _Factor(_Equation((symbol, symbol, sides[-1])), self.slope())
            blocks += self.solved(left, goal, [slope])
        return blocks

    def slope(self) -> float:
        """Return the derivative of the output with respect to wrt."""
        return grad(self.output, [self.wrt])[0].data

    def by_steps(self) -> list[_Paragraph | _Display]:
        """Return the solution where each value with a name has a step of its own."""
        known: dict[Value, float] = {self.output: 1.0}
        number_of_step: dict[Value, int] = {}
        blocks: list[_Paragraph | _Display] = [self.paragraph("chain rule")]
        output = self.names[self.output]
        for step, v in enumerate(reversed(self.steps[:-1]), start=1):
            users = [u for u in self.steps if v in set(self.operands.get(u, []))]
            symbol = self.symbol(output, self.names[v])
            factors = [self.factor(u, v) for u in users]
            definitions = [d for u in users if (d := self.definition(u)) is not None]
            blocks.append(self.step(step, [symbol], definitions))
            equations = [f.equation for f in factors]
            if len(users) > 1 or users[0] is not self.output:
                terms, values = [], []
                for u, f in zip(users, factors, strict=True):
                    if u is self.output:
                        terms.append(f.equation.sides[0])
                        values.append([f])
                    else:
                        upper = self.symbol(output, self.names[u])
                        terms.append(_product([upper, f.equation.sides[0]], " · ", r" \cdot "))
                        shown = number_formula(number(known[u], self.digits))
                        values.append([_Factor(_Equation((upper, shown)), known[u]), f])
                sides = (symbol, _sum(terms), *self.products(values))
                steps = sorted(number_of_step[u] for u in users if u is not self.output)
                remark = self.phrases["by step"].format(", ".join(f"({s})" for s in steps))
                equations.append(_Equation(sides, (remark,)))
            known[v] = sum(
                f.value * (1.0 if u is self.output else known[u])
                for u, f in zip(users, factors, strict=True)
            )
            number_of_step[v] = step
            blocks.append(_Display(tuple(equations)))
        if self.given is not None:
            symbol = self.symbol(output, self.names[self.wrt])
            left = self.symbol(name_formula(self.loss), self.names[self.wrt])
            goal = self.symbol(name_formula(self.loss), output)
            shown = number_formula(number(self.slope(), self.digits))
            blocks += self.solved(
                left, goal, [_Factor(_Equation((symbol, symbol, shown)), self.slope())]
            )
        return blocks

    def products(self, terms: list[list[_Factor]]) -> list[Formula]:
        """Return a sum of products with the numbers put in, then the sum, then its value."""
        exact = [math.prod(f.value for f in term) for term in terms]
        total = sum(exact)
        fits = False
        for finer in range(self.digits + 1, 18):
            shown = [number(x, finer) for x in exact]
            final = number(total, finer)
            if number(sum(map(parsed, shown)), finer) != final:
                continue
            for digits in range(self.digits, min(finer + 4, 18)):
                # At first as the factors were shown.
                texts = [
                    [
                        f.equation.sides[-1].text
                        if digits == self.digits
                        else number(f.value, digits)
                        for f in term
                    ]
                    for term in terms
                ]
                products = [number(math.prod(map(parsed, t)), finer) for t in texts]
                if fits := products == shown:
                    break
            if fits:
                break
        put_in = _sum(
            [
                _product([number_formula(t).bound(PRODUCT) for t in term], "·", r" \cdot ")
                for term in texts
            ]
        )
        sides = [put_in]
        for side in (_sum(list(map(number_formula, shown))), number_formula(final)):
            if side.text != sides[-1].text:
                sides.append(side)
        return sides

    # Pieces

    def paragraph(self, phrase: str, *formulas: Formula) -> _Paragraph:
        """Return a phrase with formulas in its gaps."""
        texts = self.phrases[phrase].split("{}")
        parts: list[Part] = [texts[0]]
        for f, text in zip(formulas, texts[1:], strict=True):
            parts += [f, text]
        return _Paragraph(tuple(parts))

    def definition(self, value: Value) -> _Equation | None:
        """Return what a value is in terms of others, unless that is long."""
        if self.brief:
            return None
        cut = self.cuts[value]
        assert cut.op is not None
        written = formula(cut.op, [self.written(x, None)[0] for x in cut.parents])
        if len(written.text) > _LONGEST_DEFINITION:
            return None
        return _Equation((self.names[value], written))

    def step(self, step: int, symbols: list[Formula], definitions: list[_Equation]) -> _Paragraph:
        """Return the heading of a step: what is computed, and from what."""
        parts: list[Part] = [f"({step}) "]
        before, after = self.phrases["compute"].split("{}")
        parts += [before, *_listed(symbols, self.phrases["and"]), after]
        if definitions:
            before, after = self.phrases["with"].split("{}")
            formulas = [_equals(*d.sides) for d in definitions]
            parts += [before, *_listed(formulas, ", "), after]
        return _Paragraph((*parts, ":"))


def _is_piecewise(value: Value) -> bool:
    return len(value.parents) <= 2 and all(dx == 0.0 for dx in value.local_derivatives())


def _held(derivative: Formula, others: Sequence[Formula]) -> Formula:
    texts, latex = ",".join(x.text for x in others), ", ".join(x.latex for x in others)
    return Formula(f"{derivative.text}|{texts}", rf"\left.{derivative.latex}\right|_{{{latex}}}")


def _equals(left: Formula, right: Formula) -> Formula:
    return Formula(f"{left.text} = {right.text}", f"{left.latex} = {right.latex}", 0)


def _in_line(equation: _Equation) -> tuple[Part, ...]:
    text = " = ".join(side.text for side in equation.sides)
    latex = " = ".join(side.latex for side in equation.sides)
    return (Formula(text, latex), *equation.remark)


def _listed(formulas: Sequence[Formula], last: str) -> list[Part]:
    parts: list[Part] = []
    for i, f in enumerate(formulas):
        if i:
            parts.append(last if i == len(formulas) - 1 else ", ")
        parts.append(f)
    return parts


def _split(phrase: str) -> tuple[str, str, str]:
    start, middle, end = phrase.split("{}")
    return start, middle, end


def _product(factors: Sequence[Formula], dot: str, latex_dot: str) -> Formula:
    if len(factors) == 1:
        return factors[0]
    return Formula(
        dot.join(f.text for f in factors), latex_dot.join(f.latex for f in factors), PRODUCT
    )


def _quotient(over: Formula, under: Formula) -> Formula:
    top = over.text if over.binding == NAME and "/" not in over.text else f"({over.text})"
    top = over.text if over.binding == SUM and over.text[1:].replace(".", "").isdigit() else top
    plain = under.binding == NAME and "/" not in under.text
    bottom = under.text if plain else f"({under.text})"
    return Formula(f"{top}/{bottom}", rf"\frac{{{over.latex}}}{{{under.latex}}}", PRODUCT)


def _sum(terms: Sequence[Formula]) -> Formula:
    text, latex = terms[0].text, terms[0].latex
    for term in terms[1:]:
        if term.text.startswith("−"):
            text += f" − {term.text[1:]}"
            latex += f" - {term.latex[1:]}"
        else:
            text += f" + {term.text}"
            latex += f" + {term.latex}"
    return terms[0] if len(terms) == 1 else Formula(text, latex, SUM)
