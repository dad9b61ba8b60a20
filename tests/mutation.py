"""Would the tests notice? ``python -m tests.mutation --files engine.py --sample 20 --seed 1``.

A mutant is the package with one small change: a sign, a number, a condition, a word, a statement
left out. In a copy of the project, the tests of the files that reach its line are run, the quick
ones first, until one fails. What becomes of each is printed at once, and the share that is
noticed, by file.
Running out of time is noticed too, if the same tests need far less time without the change; else
the machine is slow, and the mutant counts as not tried. Which tests reach which lines is found out
once for each file of tests, and kept in the folder ``.reach``. What can't be noticed, since it
changes nothing, is listed in ``equivalent.toml`` with its reason.
"""

import argparse
import ast
import contextlib
import hashlib
import importlib
import json
import math
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import warnings
from collections import Counter
from typing import NamedTuple

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT / "micrograd_vn"
KEPT = ROOT / ".reach"
EQUIVALENT = pathlib.Path(__file__).with_name("equivalent.toml")
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
    "nn.py": "tests/test_package.py",
    "moons.py": "tests/test_train.py tests/test_package.py",
    "cli.py": "tests/test_train.py",
    "formulas/": "tests/formulas tests/test_solution.py tests/test_codegen.py",
    "formulas/python.py": "tests/test_dask.py",
    "readers/": "tests/readers tests/test_solution.py tests/test_codegen.py tests/test_diagram.py "
    "tests/formulas/test_code.py",
    "readers/outline.py": "tests/formulas/test_identities.py",
    "exercises/": "tests/test_exercises.py tests/exercises tests/test_cli.py",
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

# Either order of their arguments says the same.
SYMMETRIC = ("same", "max", "min", "math.isclose", "np.maximum", "np.minimum")
TYPES = ("TypeVar(", "ParamSpec(")
VERDICTS = {True: "noticed", False: "NOT NOTICED", None: "not tried, for want of time"}


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

    def lines(self):
        """Return the lines of the part."""
        text = (PACKAGE / self.file).read_bytes()[self.start : self.end]
        return range(self.line, self.line + text.count(b"\n") + 1)

    @property
    def key(self):
        """The line and the change, as ``equivalent.toml`` names them."""
        line = (PACKAGE / self.file).read_text("utf-8").splitlines()[self.line - 1]
        return f"{line.strip()} | {self.change}"

    @property
    def change(self):
        """What stands there and what is put in its place."""
        old = (PACKAGE / self.file).read_bytes()[self.start : self.end].decode()
        shown = [" ".join(text.split())[:100] for text in (old, self.new)]
        return f"{shown[0]}  ->  {shown[1]}"

    def __str__(self):
        return f"{self.file}:{self.line}: {self.key}"


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
        case ast.Call(_, [_, _, *_], _) if ast.unparse(node.func) not in SYMMETRIC:
            yield ast.Call(node.func, [*node.args[1::-1], *node.args[2:]], node.keywords)


def left_out(node):
    """Return whether a part of a program only describes it: types, documentation, imports."""
    return (
        isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr))
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        or (isinstance(node, ast.Assign) and ast.unparse(node.value).startswith(TYPES))
        or (isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias")
    )  # fmt: skip


def parts(node):
    """Yield the parts of a program that run, without annotations."""
    yield node
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        if name == "keywords" and isinstance(node, ast.Call) and ast.unparse(node.func) == "zip":
            continue  # `strict` tells of a fault of ours, and changes nothing where there is none
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
    """Return the files of tests for a file of the package."""
    path = pathlib.PurePosixPath(file)
    found = [f"micrograd_vn/{file}", f"tests/{path.parent}/test_{path.name}".replace("/./", "/")]
    for key, names in ALSO.items():
        if file == key or (key.endswith("/") and file.startswith(key)):
            for name in names.split():
                inside = sorted((ROOT / name).rglob("test_*.py"))
                found += [p.relative_to(ROOT).as_posix() for p in inside] or [name]
    return [name for name in dict.fromkeys(found) if (ROOT / name).exists()]


def copied(folder):
    """Copy what the tests need."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")
    for name in ("micrograd_vn", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("README.md", "setup.cfg", "pyproject.toml", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, folder)


def run(folder, tests, plugin, timeout):
    """Run files of tests in a process of their own until one fails.

    Return whether all passed, or None if they took longer than the seconds of ``timeout``.
    """
    child = os.fork()
    if child == 0:  # with what takes long to import, but not with the package
        status = 1
        try:
            os.setpgid(0, 0)
            os.chdir(folder)
            output = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            for name in [*sys.modules]:
                if name.partition(".")[0] in ("tests", "micrograd_vn"):
                    del sys.modules[name]
            sys.path[:] = [str(folder), *[p for p in sys.path if p not in ("", str(ROOT))]]
            os.environ |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
            sys.dont_write_bytecode = True
            status = pytest.main(["-xq", "-p", "no:cacheprovider", *tests], [plugin()])
        finally:
            os._exit(int(status))
    end = time.monotonic() + timeout
    while (done := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < end:
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # and what it has started
    if done[0] == 0:
        os.waitpid(child, 0)
        return None
    return done[1] == 0


class Reach:
    """Notes which tests run which lines of the package, and how long they take."""

    def __init__(self, folder):
        from coverage import Coverage

        self.package = folder / "micrograd_vn"
        self.coverage = Coverage(data_file=None, source=[str(self.package)], messages=False)
        self.coverage.start()
        self.seconds = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.coverage.switch_context(item.nodeid)
        start = time.monotonic()
        result = yield
        self.seconds[item.nodeid] = time.monotonic() - start
        self.coverage.switch_context("")
        return result

    def pytest_sessionfinish(self):
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {}
        for path in data.measured_files():
            file = pathlib.Path(path).relative_to(self.package).as_posix()
            lines[file] = data.contexts_by_lineno(path)
        found = {"seconds": self.seconds, "lines": lines}
        pathlib.Path("reach.json").write_text(json.dumps(found), "utf-8")


class Chosen:
    """Runs only some tests, the quick ones first."""

    def __init__(self, seconds):
        self.seconds = seconds

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if item.nodeid in self.seconds]
        items.sort(key=lambda item: self.seconds[item.nodeid])

    def pytest_runtest_logreport(self, report):
        if report.failed:
            pathlib.Path("failed.txt").write_text(report.nodeid, "utf-8")


def reach(folder, test, seconds):
    """Return what `Reach` notes of a file of tests, kept until it or the package changes.

    Return None if the tests take longer than ``seconds``.
    """
    digest = hashlib.sha256()
    for path in [ROOT / test, *sorted(PACKAGE.rglob("*.py"))]:
        digest.update(path.read_bytes())
    kept = KEPT / f"{test.replace('/', '-')}.json"
    if kept.exists():
        found = json.loads(kept.read_text("utf-8"))
        if found["of"] == digest.hexdigest():
            return found
    (folder / "reach.json").unlink(missing_ok=True)
    passed = run(folder, [test], lambda: Reach(folder), seconds)
    if passed is None:
        return None
    if not passed and test.startswith("tests/"):
        sys.exit(f"{test} fails:\n{(folder / 'output.txt').read_text('utf-8')[-3000:]}")
    found = json.loads((folder / "reach.json").read_text("utf-8"))
    KEPT.mkdir(exist_ok=True)
    kept.write_text(json.dumps(found | {"of": digest.hexdigest()}), "utf-8")
    return found


def noticing(folder, mutant, tests, end):
    """Return the tests of the files that reach a mutant's lines, with their seconds.

    Where one test of a file reaches them, another may look at what it has kept, such as a page.
    Return None if it gets late.
    """
    found, reaching = {}, {}
    for test in tests or tests_of(mutant.file):
        noted = reach(folder, test, end - time.monotonic())
        if noted is None:
            return None
        found |= noted["seconds"]
        lines = noted["lines"].get(mutant.file, {})
        if any(str(line) in lines for line in mutant.lines()):
            reaching |= noted["seconds"]
    return reaching or found  # what is run in another process may be noticed by any test


def passes(folder, file, source, chosen, seconds):
    """Return whether some tests pass with a file of the package changed; None if it gets late."""
    files = sorted({name.partition("::")[0] for name in chosen})
    path = folder / "micrograd_vn" / file
    path.write_bytes(source)
    try:
        return run(folder, files, lambda: Chosen(chosen), seconds)
    finally:
        shutil.copy2(PACKAGE / file, path)


class Trial:
    """Tries mutants in a copy of the project, until the time is over."""

    def __init__(self, folder, given):
        self.folder, self.given = folder, given
        self.end = time.monotonic() + 60 * given.minutes
        self.sound = {}  # seconds of the tests that were seen to pass without any change

    def unchanged(self, file, chosen):
        """Return the seconds that tests take without any change, or infinitely many."""
        if (tests := frozenset(chosen)) in self.sound:
            return self.sound[tests]
        start = time.monotonic()
        left = self.end - start
        passed = passes(self.folder, file, (PACKAGE / file).read_bytes(), chosen, left)
        if passed is False:
            output = (self.folder / "output.txt").read_text("utf-8")
            sys.exit(f"{file}: its tests fail unchanged:\n{output[-3000:]}")
        self.sound[tests] = math.inf if passed is None else time.monotonic() - start
        return self.sound[tests]

    def verdict(self, mutant):
        """Return whether a mutant is noticed, or None if that can't be told in time."""
        chosen = noticing(self.folder, mutant, self.given.tests, self.end)
        if not chosen:  # there is no such test, or no time to find out
            return False if chosen is not None else None
        quick = {name: s for name, s in chosen.items() if s <= self.given.slowest} or chosen
        failed = self.folder / "failed.txt"
        failed.unlink(missing_ok=True)
        allowed = min(40 + 4 * sum(quick.values()), self.end - time.monotonic())
        passed = passes(self.folder, mutant.file, mutant.source(), quick, allowed)
        if passed:
            return False
        if passed is None:
            return True if self.unchanged(mutant.file, quick) < allowed / 3 else None
        # The test that failed has to pass without the change; none did if nothing can be imported.
        name = failed.read_text("utf-8") if failed.exists() else min(quick, key=quick.get)
        return True if self.unchanged(mutant.file, {name: quick[name]}) < math.inf else None


def equivalent():
    """Return the mutants, by file and change, that do the same as the package."""
    return tomllib.loads(EQUIVALENT.read_text("utf-8"))


def main():
    """Try a sample of mutants and print those that no test notices."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--files", nargs="*", help="as engine.py or formulas/; else all")
    parser.add_argument("--sample", type=int, default=30, help="how many of all these files")
    parser.add_argument("--seed", type=int, help="a fresh one unless given")
    parser.add_argument("--tests", nargs="*", help="files of tests; else those of each file")
    parser.add_argument("--slowest", type=float, default=30, help="seconds of a test that is run")
    parser.add_argument("--minutes", type=float, default=60, help="after which it ends")
    parser.add_argument("--at-least", type=float, default=0, help="else it fails, in percent")
    given = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    files = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))
    files = [f for f in files if not given.files or f.startswith(tuple(given.files))]
    same = equivalent()
    every = [m for file in files for m in mutants(file) if m.key not in same.get(file, {})]
    sample = random.Random(seed).sample(every, min(given.sample, len(every)))
    print(f"seed {seed}: {len(sample)} of {len(every)} mutants", flush=True)
    for name in ("jax", "matplotlib", "mpmath", "numpy", "sympy"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)  # once for all
    warnings.filterwarnings("ignore", "os.fork", RuntimeWarning)
    noticed, tried = Counter(), Counter()
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work) / "project"
        folder.mkdir()
        copied(folder)
        trial = Trial(folder, given)
        for mutant in sample:
            if time.monotonic() > trial.end:
                break
            found = trial.verdict(mutant)
            print(f"{VERDICTS[found]}: {mutant}", flush=True)
            tried[mutant.file] += found is not None
            noticed[mutant.file] += found is True
    for file in sorted(+tried):
        print(f"{noticed[file]:3} of {tried[file]:3}  {file}")
    count, missed = tried.total(), tried.total() - noticed.total()
    print(f"{count - missed} of {count} noticed, of a sample of {len(sample)}")
    if missed > (1 - given.at_least / 100) * len(sample):  # what isn't tried may be noticed
        sys.exit(f"fewer than {given.at_least:.0f}% are noticed")


if __name__ == "__main__":
    main()
