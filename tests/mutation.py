"""Would the tests notice? ``python -m tests.mutation --files engine.py --sample 20 --seed 1``.

A mutant is the package with one small change: a sign, a number, a condition, a word, a statement
left out. The tests of its file are run in a copy of the project until one fails. What none
notices is printed, and the share that is noticed, by file.
"""

import argparse
import ast
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import NamedTuple

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT / "micrograd_vn"
# The tests of a file: those of its name first, then these.
ALSO = {
    "engine.py": "tests/test_ops.py tests/test_pickling.py tests/test_numeric.py",
    "errors.py": "tests/test_engine.py tests/test_ops.py",
    "operation.py": "tests/test_engine.py tests/test_pickling.py tests/test_ops.py",
    "operators.py": "tests/test_engine.py tests/test_ops.py tests/formulas/test_code.py",
    "forward.py": "tests/test_ops.py tests/test_engine.py tests/formulas/test_code.py",
    "arrays.py": "tests/formulas/test_code.py tests/test_codegen.py",
    "table.py": "tests/test_ops.py tests/test_engine.py tests/formulas/test_code.py "
    "tests/formulas/test_writers.py tests/test_solution.py",
    "ops.py": "tests/test_engine.py",
    "sums.py": "tests/test_train.py tests/test_dask.py tests/test_pickling.py",
    "train.py": "tests/test_pickling.py",
    "moons.py": "tests/test_train.py tests/test_package.py",
    "cli.py": "tests/test_train.py",
    "formulas/": "tests/formulas tests/test_solution.py tests/test_codegen.py",
    "readers/": "tests/readers tests/test_solution.py tests/test_codegen.py tests/test_diagram.py "
    "tests/formulas/test_code.py",
    "exercises/": "tests/test_exercises.py tests/test_cli.py",
    "commands/": "tests/test_cli.py tests/exercises",
}
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Mod: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
    ast.MatMult: ast.Mult,
}  # fmt: skip


class Mutant(NamedTuple):
    """A part of a file, and what is put in its place."""

    file: str
    line: int
    start: int
    end: int
    new: str

    def source(self):
        """Return the file with the change; places count bytes."""
        text = (PACKAGE / self.file).read_bytes()
        return text[: self.start] + self.new.encode() + text[self.end :]

    def __str__(self):
        old = (PACKAGE / self.file).read_bytes()[self.start : self.end].decode()
        shown = [" ".join(text.split())[:100] for text in (old, self.new)]
        return f"{self.file}:{self.line}: {shown[0]}  ->  {shown[1]}"


def changed(node):
    """Yield what a node of a program may be changed into."""
    match node:
        case ast.Compare(left, [op, *_], _) if type(op) in COMPARISONS:
            yield ast.Compare(left, [COMPARISONS[type(op)](), *node.ops[1:]], node.comparators)
        case ast.BinOp(left, op, right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
            if not isinstance(op, (ast.Add, ast.Mult, ast.BitOr, ast.BitAnd)):
                yield ast.BinOp(right, op, left)
        case ast.AugAssign(target, op, value) if type(op) in ARITHMETIC:
            yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
            yield ast.Assign([target], value)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield values[0]
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(str() as value):
            yield ast.Constant(f"{value}XX" if value else "XX")
        case ast.If() | ast.While():
            yield from (ast.Constant(True), ast.Constant(False))
        case ast.IfExp(_, body, orelse):
            yield from (body, orelse)
        case ast.Return(value) if value is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Break():
            yield ast.Continue()
        case ast.Expr(ast.Call()) | ast.Raise() | ast.Delete():
            yield ast.Pass()
        case ast.Call(_, [_, _, *_], _):
            yield ast.Call(node.func, [*node.args[1::-1], *node.args[2:]], node.keywords)


def left_out(node):
    """Return whether a part of a program only describes it: types, documentation, imports."""
    return (
        isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr))
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
    )  # fmt: skip


def parts(node):
    """Yield the parts of a program that run, without annotations."""
    yield node
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST) and not left_out(child):
                yield from parts(child)


def mutants(file):
    """Return all mutants of a file of the package."""
    text = (PACKAGE / file).read_bytes()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node in parts(ast.parse(text)):
        for new in changed(node):
            at = node.test if isinstance(node, (ast.If, ast.While)) else node
            start = starts[at.lineno - 1] + at.col_offset
            end = starts[at.end_lineno - 1] + at.end_col_offset
            code = ast.unparse(ast.fix_missing_locations(new))
            code = f"({code})" if isinstance(new, ast.expr) else code
            if code.strip("()") != text[start:end].decode().strip("()"):
                found.append(Mutant(file, at.lineno, start, end, code))
    return found


def tests_of(file):
    """Return what to run for a file of the package."""
    path = pathlib.PurePosixPath(file)
    own = ROOT / "tests" / path.parent / f"test_{path.name}"
    found = [own.relative_to(ROOT).as_posix()] if own.exists() else []
    for key, names in ALSO.items():
        if file == key or (key.endswith("/") and file.startswith(key)):
            found += names.split()
    return [*dict.fromkeys([f"micrograd_vn/{file}", *found])]


def copied(folder):
    """Copy what the tests need."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")
    for name in ("micrograd_vn", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in (
        "README.md",
        "micrograd_vn_command.py",
        "setup.cfg",
        "pyproject.toml",
        "LICENSE",
        "MANIFEST.in",
    ):
        shutil.copy(ROOT / name, folder)


def is_noticed(folder, file, timeout):
    """Return whether a test fails; one that does not end has failed."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)}
    try:
        done = subprocess.run(
            [*command, *tests_of(file)],
            cwd=folder, env=environment, capture_output=True, timeout=timeout,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main():
    """Try a sample of mutants and print those that no test notices."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--files", nargs="*", help="as engine.py or formulas/text.py; else all")
    parser.add_argument("--sample", type=int, default=30, help="how many of all these files")
    parser.add_argument("--seed", type=int, help="a fresh one unless given")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=300.0, help="of unchanged tests")
    given = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    files = given.files or [p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py")]
    every = [mutant for file in sorted(files) for mutant in mutants(file)]
    sample = random.Random(seed).sample(every, min(given.sample, len(every)))
    print(f"seed {seed}: {len(sample)} of {len(every)} mutants", flush=True)
    noticed, tried = Counter(), Counter()
    with tempfile.TemporaryDirectory() as work:
        folders = SimpleQueue()
        for i in range(given.processes):
            folder = pathlib.Path(work) / str(i)
            copied(folder)
            folders.put(folder)
        first, limits = folders.get(), {}
        for file in sorted({m.file for m in sample}):
            start = time.monotonic()
            if is_noticed(first, file, given.timeout):
                sys.exit(f"{file}: its tests fail, or last too long: {tests_of(file)}")
            limits[file] = 20 + 4 * (time.monotonic() - start)
        folders.put(first)

        def attempt(mutant):
            folder = folders.get()
            path = folder / "micrograd_vn" / mutant.file
            path.write_bytes(mutant.source())
            found = is_noticed(folder, mutant.file, limits[mutant.file])
            shutil.copy(PACKAGE / mutant.file, path)
            folders.put(folder)
            return found

        with ThreadPoolExecutor(given.processes) as pool:
            for mutant, found in zip(sample, pool.map(attempt, sample), strict=True):
                tried[mutant.file] += 1
                noticed[mutant.file] += found
                if not found:
                    print(f"not noticed: {mutant}", flush=True)
    for file in sorted(tried):
        print(f"{noticed[file] / tried[file]:5.0%} of {tried[file]:3}  {file}")
    print(f"{sum(noticed.values()) / max(sum(tried.values()), 1):5.0%} in all")


if __name__ == "__main__":
    main()
