"""Random programs for the campaign, and how one that fails is made smaller."""

import time
from typing import NamedTuple

from micrograd_vn.errors import ERRORS
from tests import series
from tests.judging import LeftOutError
from tests.series import OPERATIONS

SHRINKING = 5  # seconds of the processor that may go into making a program smaller
NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -2.0, 10.0, 1e-3, 100.0]


class Program(NamedTuple):
    """Inputs, a direction, and steps: each an operation on earlier results."""

    inputs: tuple
    direction: tuple
    steps: tuple

    def run(self, operands, engine):
        """Return all results, of our engine or of the oracle."""
        results = list(operands)
        for name, places in self.steps:
            results.append(OPERATIONS[name][engine](*[results[i] for i in places]))
            if engine:
                series.exact.seen(results[-1].x, results[-1].d, results[-1].dd)
        return results

    def __str__(self):
        n = len(self.inputs)
        lines = [f"x{i} = {x!r}, in the direction {v}" for i, (x, v) in
                 enumerate(zip(self.inputs, self.direction, strict=True))]  # fmt: skip
        for i, (name, places) in enumerate(self.steps):
            operands = ", ".join([f"x{p}" for p in places])
            lines.append(f"x{n + i} = {name}({operands})")
        return "\n".join(lines)


def number(chance):
    kind = chance.random()
    if kind < 0.35:
        return chance.choice(NUMBERS)
    if kind < 0.8:
        return round(chance.uniform(-3, 3), chance.choice([1, 3, 17]))
    return chance.choice([-1, 1]) * 10.0 ** chance.uniform(*chance.choice([(-9, 9), (-300, 300)]))


def random_program(chance):
    n = chance.randint(1, 3)
    names, steps = list(OPERATIONS), []
    for i in range(chance.randint(1, 7)):
        name = chance.choice(names)
        recent = [n + i - 1] if i and chance.random() < 0.6 else []
        places = [chance.randrange(n + i) for _ in range(OPERATIONS[name].operands)]
        if recent:
            places[chance.randrange(len(places))] = recent[0]
        steps.append((name, tuple(places)))
    inputs = tuple([number(chance) for _ in range(n)])
    direction = tuple([chance.choice([1.0, 1.0, -1.0, 0.5, 0.0]) for _ in range(n)])
    return Program(inputs, direction if any(direction) else (1.0,) * n, tuple(steps))


def smaller(program):
    """Yield programs like this one with less in them."""
    n = len(program.inputs)
    for k in range(1, len(program.steps)):
        yield program._replace(steps=program.steps[:k])
    for k in range(len(program.steps)):
        for to in set(program.steps[k][1]):  # leave a step out: its operand instead of it
            moved = [
                (name, tuple([to if p == n + k else p - (p > n + k) for p in places]))
                for name, places in program.steps[k + 1 :]
            ]
            yield program._replace(steps=(*program.steps[:k], *moved)) if moved else program
    for k, (name, places) in enumerate(program.steps):
        for i, p in enumerate(places):
            for to in range(min(p, n)):
                changed = (name, (*places[:i], to, *places[i + 1 :]))
                steps = (*program.steps[:k], changed, *program.steps[k + 1 :])
                yield program._replace(steps=steps)
    for i, x in enumerate(program.inputs):
        for simple in (0.0, 1.0, 2.0, float(round(x)), float(f"{x:.1g}"), float(f"{x:.3g}")):
            if len(repr(simple)) < len(repr(x)):
                inputs = (*program.inputs[:i], simple, *program.inputs[i + 1 :])
                yield program._replace(inputs=inputs)
    for i, v in enumerate(program.direction):
        if v != 1.0:
            direction = (*program.direction[:i], 1.0, *program.direction[i + 1 :])
            yield program._replace(direction=direction)


def shrunk(program, wrong):
    """Return the smallest program that is wrong in the same way, and what is: of those tried."""
    said, found, end = wrong(program), True, time.process_time() + SHRINKING
    while found:
        found = False
        for candidate in smaller(program):
            if time.process_time() > end:
                return program, said
            try:
                now = wrong(candidate) if candidate != program else ""
            except (*ERRORS, LeftOutError):
                continue
            if now and now.split(":")[0] == said.split(":")[0]:
                program, said, found = candidate, now, True
                break
    return program, said


def said_by(check):
    """Return a check whose failure includes any error that is none of the domain."""

    def wrong(program):
        try:
            return check(program)
        except (*ERRORS, LeftOutError):
            raise
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    return wrong
