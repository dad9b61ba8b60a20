"""What an exercise is: a function of its givens, and a statement.

The function builds the expression; the statement says in both languages what is given and
what is asked. Question, solution, diagram, pages and options of the command follow.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import update_wrapper
from types import MappingProxyType
from typing import Any, Generic, ParamSpec, TypeAlias

from micrograd_vn.engine import Constant, Value, grad, topological_order
from micrograd_vn.errors import message
from micrograd_vn.exercises.solved import Exercise, Expression
from micrograd_vn.formulas.document import Document, Paragraph, Part
from micrograd_vn.formulas.exact import exact_numbers
from micrograd_vn.formulas.reader import read
from micrograd_vn.formulas.text import Text, number
from micrograd_vn.formulas.tree import Derivative, Equation, Formula, Name, Number
from micrograd_vn.phrases import LANGUAGES, BilingualError

P = ParamSpec("P")
Domain: TypeAlias = "Iterable[Any] | Callable[..., Iterable[Any]]"


class GivensError(BilingualError):
    """Givens from which the exercise has no answer, or none that is unique.

    Attributes
    ----------
    text : dict of str to str
        The message by language, ``"vi"`` and ``"en"``.
    """


class Definition(Generic[P]):
    """An exercise for any givens; made by `exercise`, called with givens."""

    def __init__(
        self,
        build: Callable[P, Value | Expression],
        name: Mapping[str, str],
        statement: Mapping[str, str],
        asks: str,
        decimals: int,
        domains: Mapping[str, Domain],
        roles: Mapping[str, str],
        figure: int | None,
    ) -> None:
        self.build, self.name, self.statement = build, name, statement
        self.decimals, self.domains, self.roles = decimals, domains, roles
        self.figure = figure
        self.signature = inspect.signature(build)
        update_wrapper(self, build)
        self._check()
        asked = self._formula(asks, {})
        if not isinstance(asked, Derivative):
            raise self._wrong(message("asks", repr(asks)))
        self.asked = asked
        nodes = self().nodes  # type: ignore[call-arg]  # what is wrong with the rest is said here
        for role, labels in roles.items():
            if unknown := [label for label in labels.split() if label not in nodes]:
                raise self._wrong(
                    message("no such role", repr(unknown[0]), role, ", ".join(map(repr, nodes)))
                )

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Exercise:
        """Return the exercise with these givens."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        built = self.build(*bound.args, **bound.kwargs)
        expression = built if isinstance(built, Expression) else Expression(built)
        output = expression.output
        omitted = [x for omission in expression.omitted for x in omission if isinstance(x, Value)]
        order = topological_order(*omitted, *expression.beside, output)
        for value, exact in exact_numbers(order).items():
            value.data = float(exact)  # 0.1·3 − 0.3 is 0, and so ReLU is off there
        nodes = {str(v.label): v for v in order if v.label is not None}
        numbers: dict[str, float] = {}
        for parameter, x in bound.arguments.items():
            several = isinstance(x, tuple)
            numbers |= {f"{parameter}[{i}]" if several else parameter: n
                        for i, n in enumerate(x if several else (x,))}  # fmt: skip
        given_as: dict[str, Formula] = {f: Number(Decimal(str(x))) for f, x in numbers.items()}
        shown = {label: Number(v.data) for label, v in nodes.items()}
        labels = self._labels(self._document(self.statement["vi"], shown | given_as), given_as)
        for field, label in labels.items():
            if (node := nodes.get(Text()(label))) is not None:  # in one form, as solutions have it
                x = numbers[field]
                whole = isinstance(x, int) or (x.is_integer() and self._is_whole(field))
                if whole and node.data == x:
                    node.data = int(x)  # which is how `shown` knows that it is not 1.0
                plain = whole or isinstance(node, Constant)
                given_as[field] = Number(x if plain else Decimal(repr(float(x))))
        statement = {x: self._document(self.statement[x], shown | given_as) for x in LANGUAGES}
        givens = {Text()(label): numbers[field] for field, label in labels.items()}
        start, given = self._start(output, nodes, {labels[f]: x for f, x in numbers.items()})
        answer = 1.0 if given is None else self._solved(output, start, given)
        output.backward(answer)
        found = (start.grad if given is None else answer) + 0.0
        return Exercise(
            self, self.name, statement, givens, nodes, expression, start, self.asked, given, found,
            dict(bound.arguments),
        )  # fmt: skip

    def __reduce__(self) -> str:
        return self.build.__qualname__

    def _wrong(self, what: str) -> ValueError:
        return ValueError(message("exercise", self.build.__qualname__, what))

    def _is_whole(self, field: str) -> bool:
        """Return whether a given is an integer, by its default or its domain."""
        parameter = field.partition("[")[0]
        default = self.signature.parameters[parameter].default
        domain = self.domains.get(parameter)
        numbers = domain if isinstance(domain, Sequence) else ()
        choices = default if isinstance(default, tuple) else (default,), numbers
        return any(among and all(isinstance(x, int) for x in among) for among in choices)

    def _check(self) -> None:
        for what, by_language in (("name", self.name), ("statement", self.statement)):
            said = by_language if isinstance(by_language, Mapping) else {}
            if missing := [lang for lang in LANGUAGES if not said.get(lang)]:
                languages = message("and").join(map(repr, missing))
                raise self._wrong(message(f"no {what}", languages, "{'vi': …, 'en': …}"))
        for parameter in self.signature.parameters.values():
            if parameter.default is parameter.empty:
                raise self._wrong(message("no default", repr(parameter.name)))
            for lang in LANGUAGES:
                if f"= {{{parameter.name}" not in self.statement[lang]:
                    raise self._wrong(
                        message(
                            "no place", repr(parameter.name), repr(lang), f"{{{parameter.name}}}"
                        )
                    )
        for what, given, known in (
            ("domains", self.domains, self.signature.parameters),
            ("roles", self.roles, ("input", "parameter", "target")),
        ):
            if unknown := sorted(given.keys() - known):
                raise self._wrong(
                    message("none of these", what, repr(unknown[0]), ", ".join(known))
                )
        if not isinstance(self.decimals, int) or not 0 <= self.decimals <= 12:
            raise self._wrong(message("decimals", repr(self.decimals)))

    def _formula(self, said: str, shown: Mapping[str, Formula]) -> Formula | Equation:
        """Return a formula of the statement, with numbers in its gaps."""

        def gap(field: str) -> Formula:
            if field not in shown:
                raise ValueError(message("gap", f"{{{field}}}"))
            return shown[field]

        try:
            return read(said, gap)
        except ValueError as error:
            raise self._wrong(str(error)) from None

    def _document(self, statement: str, shown: Mapping[str, Formula]) -> Document:
        """Return a statement: a paragraph a line, formulas between backticks."""
        paragraphs = []
        for line in filter(None, map(str.strip, statement.split("\n"))):
            pieces = line.removeprefix("- ").split("`")
            parts: list[Part] = [
                self._formula(piece, shown) if i % 2 else piece for i, piece in enumerate(pieces)
            ]
            filled = tuple(p for p in parts if not (isinstance(p, str) and not p))
            paragraphs.append(Paragraph(filled, bullet=line.startswith("- ")))
        return Document(paragraphs)

    def _labels(self, statement: Document, numbers: Mapping[str, Formula]) -> dict[str, Formula]:
        """Return what each given is called: what the statement says that it is equal to."""
        equal = [
            part
            for block in statement.blocks
            if isinstance(block, Paragraph)
            for part in block.parts
            if isinstance(part, Equation)
        ]
        labels = {
            field: equation.sides[-2]
            for field, number in numbers.items()
            for equation in equal
            if equation.sides[-1] is number
        }
        if missing := sorted(numbers.keys() - labels):
            raise self._wrong(message("unnamed", ", ".join(missing)))
        return labels

    def _start(
        self, output: Value, nodes: Mapping[str, Value], givens: Mapping[Formula, float]
    ) -> tuple[Value, float | None]:
        """Return from where the question goes, and the derivative if that is given."""
        of, by = map(Text(), (self.asked.of, self.asked.by[0]))
        if of == output.label and by in nodes:
            return nodes[by], None
        for label, x in givens.items():
            if isinstance(label, Derivative) and Text()(label.of) == of and by == output.label:
                return nodes[Text()(label.by[0])], x
        raise self._wrong(
            message(
                "asked",
                Text()(self.asked),
                repr(output.label),
                ", ".join(repr(label) for label, v in nodes.items() if v is not output),
                of,
            )
        )

    def _solved(self, output: Value, start: Value, given: float) -> float:
        """Return the derivative by the output, from the one by `start`."""
        (slope,) = grad(output, [start])
        symbol = f"∂{output.label}/∂{start.label}"
        known, asked = Text()(Derivative(self.asked.of, [Name(str(start.label))])), self.asked
        if slope.data == 0:
            raise GivensError.saying("givens", "no unique answer", symbol, known, asked)
        answer = given / slope.data
        if not math.isfinite(answer):
            raise GivensError.saying("givens", "beyond floats", symbol, number(slope.data), asked)
        return answer


def exercise(
    *,
    name: Mapping[str, str],
    statement: Mapping[str, str],
    asks: str,
    decimals: int = 2,
    domains: Mapping[str, Domain] = MappingProxyType({}),
    roles: Mapping[str, str] = MappingProxyType({}),
    figure: int | None = None,
) -> Callable[[Callable[P, Value | Expression]], Definition[P]]:
    """Make an exercise of a function; used as a decorator.

    The function has the givens as parameters, each with its default, a number or a tuple of
    numbers; it returns the last value of the expression, or an `Expression`.

    Parameters
    ----------
    name
        By language, ``"vi"`` and ``"en"``.
    statement
        By language: a paragraph a line, one with a hyphen before it a bullet. Formulas stand
        between backticks; ``{x}`` in one is the number of a given, or of a value by its label.
        Each given ``x`` occurs at the end of an equation, right after what it is called:
        ```w₁ = {w1}```.
    asks
        The derivative that is asked for, such as ``"∂L/∂w₁"``: of the output. Where the output
        is ``R`` and the statement gives another derivative of ``L``, ``"∂L/∂R"`` is what
        follows from that.
    decimals
        How many decimals the answer has.
    domains
        For variants: the numbers that a given may be, or a function of other givens, by their
        names, that returns these.
    roles
        For pictures: the labels, with spaces between, of each ``"input"``, ``"parameter"`` and
        ``"target"``.
    figure
        The number that the statement gives the figure with the architecture of the network;
        without it there is none.

    Raises
    ------
    ValueError
        Something of these is missing or contradicts the function.

    Examples
    --------
    >>> @exercise(
    ...     name={"vi": "Bài 1", "en": "Exercise 1"},
    ...     statement={
    ...         "vi": "Cho `y = (w·x)²`, với `w = {w}` và `x = {x}`. Tính `∂y/∂w`.",
    ...         "en": "Given `y = (w·x)²` with `w = {w}` and `x = {x}`, find `∂y/∂w`.",
    ...     },
    ...     asks="∂y/∂w",
    ... )
    ... def square(w=0.5, x=3.0):
    ...     return ((Value(w, "w") * Value(x, "x")) ** 2).named("y")
    >>> square(x=2.0).rounded
    4.0
    """
    return lambda build: Definition(build, name, statement, asks, decimals, domains, roles, figure)


def steps(first: float, last: float, step: float) -> list[float]:
    """Return the numbers from `first` to `last`, as one would write them: for domains.

    Examples
    --------
    >>> steps(-0.2, 0.2, 0.1)
    [-0.2, -0.1, 0.0, 0.1, 0.2]
    """
    a, b, h = (Decimal(repr(x)) for x in (first, last, step))
    return [float(a + i * h) + 0.0 for i in range(int((b - a) / h) + 1)]
