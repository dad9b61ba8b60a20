"""Imports point one way: machine <- formulas <- readers <- networks <- exercises <- cli."""

import ast
import pathlib
import subprocess
import sys

import pytest

import micrograd_vn

PACKAGE = pathlib.Path(micrograd_vn.__file__).parent
LAYERS = {
    "machine": "phrases errors files operation operators forward arrays engine table ops pickling",
    "formulas": "formulas",
    "readers": "readers",
    "networks": "nn optim sums train numeric moons",
    "exercises": "exercises",
    "command": "commands cli __main__",
}
RANK = {name: i for i, names in enumerate(LAYERS.values()) for name in names.split()}
FILES = [p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py"]
IDS = [p.relative_to(PACKAGE).as_posix() for p in FILES]


def module(path):
    """Return the dotted name of a file below the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def walked(tree):
    """Yield the parts of a program that run: not what is there for types only."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from walked(node)


def imported(path):
    """Return what of the package a file imports, at its top or anywhere in it."""
    names = {module(p) for p in FILES} | {module(p.parent / "__init__.py") for p in FILES}
    found = set()
    for node in walked(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    inside = {n.removeprefix("micrograd_vn.") for n in found if n.startswith("micrograd_vn.")}
    return {n if n in names else n.rpartition(".")[0] for n in inside} - {""}


def rank(name):
    return RANK[name.partition(".")[0]]


def test_every_file_has_a_layer():
    assert {module(p).partition(".")[0] for p in FILES} == set(RANK)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_imports_nothing_of_a_later_layer(path):
    here = module(path)
    later = {name for name in imported(path) if rank(name) > rank(here)}
    assert later == set()


def test_files_import_each_other_in_no_cycle():
    graph = {module(p): imported(p) - {module(p)} for p in FILES}
    # Of Formula's __repr__, which is for people who look at one: text is written from trees.
    graph["formulas.tree"].discard("formulas.text")
    done = set()
    while len(done) < len(graph):
        ready = {n for n, needs in graph.items() if n not in done and needs & set(graph) <= done}
        assert ready, {n: needs - done for n, needs in graph.items() if n not in done}
        done |= ready


def test_an_import_of_a_later_layer_would_be_found(tmp_path):
    file = tmp_path / "x.py"
    file.write_text(
        "def f():\n    from micrograd_vn.readers.solution import explain\n"
        "    import micrograd_vn.cli\n    from micrograd_vn import engine\n"
        "if TYPE_CHECKING:\n    from micrograd_vn import nn\n"
    )
    assert imported(file) == {"readers.solution", "cli", "engine"}


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_the_machine_and_the_formulas_need_the_standard_library_only(path):
    if rank(module(path)) > 1:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        for name in names:
            assert name.partition(".")[0] in {*sys.stdlib_module_names, "micrograd_vn"}


def test_importing_the_package_loads_no_reader_and_nothing_heavy():
    code = "import sys, micrograd_vn; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    names = set(loaded.stdout.split())
    assert not names & {"numpy", "graphviz", "wasmtime", "jax", "dask", "inspect"}
    ours = {n.removeprefix("micrograd_vn.") for n in names if n.startswith("micrograd_vn.")}
    assert ours <= set(LAYERS["machine"].split())


@pytest.mark.parametrize("name", "nn optim train moons exercises engine ops numeric".split())
def test_public_modules_are_where_they_were(name):
    code = f"import micrograd_vn.{name} as m; assert all(hasattr(m, n) for n in m.__all__)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_file_bears_the_name_of_a_public_function(path):
    assert path.stem not in set(micrograd_vn.__all__)


def test_no_file_class_or_function_is_long():
    for path in FILES:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 450, path
        for node in ast.walk(ast.parse(text)):
            length = getattr(node, "end_lineno", 0) - getattr(node, "lineno", 0) + 1
            if isinstance(node, ast.ClassDef):
                assert length <= 200, (path, node.name)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                start = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
                assert node.end_lineno - start <= 60, (path, node.name)
    assert len((PACKAGE / "engine.py").read_text("utf-8").splitlines()) <= 320
