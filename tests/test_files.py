"""What the package writes is whole, or the old file is."""

import ast
import os
import pathlib
import signal
import subprocess
import sys

import pytest

import micrograd_vn
from micrograd_vn.files import write


def test_writes_text_in_utf_8_and_bytes(tmp_path):
    write(tmp_path / "a", "Câu 3")
    write(str(tmp_path / "b"), b"\x00")
    assert (tmp_path / "a").read_text("utf-8") == "Câu 3"
    assert (tmp_path / "b").read_bytes() == b"\x00"


def test_keeps_the_mode_and_the_link_of_what_it_replaces(tmp_path):
    old, link = tmp_path / "old", tmp_path / "link"
    old.write_text("old")
    old.chmod(0o640)
    link.symlink_to(old)
    write(link, "new")
    assert link.is_symlink()
    assert old.read_text() == "new"
    assert old.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("stops", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_leaves_the_old_file_when_stopped(tmp_path, monkeypatch, stops):
    (tmp_path / "a").write_text("old")

    def stop(_):
        raise stops

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(type(stops)):
        write(tmp_path / "a", "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def stopped(how, folder):
    """Write a picture in a process that is stopped, over one that is there."""
    program = f"""
import os, resource, signal
from micrograd_vn import Value, draw
diagram = draw(Value(1.0, "x"))
diagram.pipe("svg")
{how}
diagram.render(outfile={os.fspath(folder / "y.svg")!r})
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of resources")
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
         "resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))", 1),
        ("os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("os.fsync = lambda file: os.kill(os.getpid(), signal.SIGINT)", -signal.SIGINT),
    ],
    ids=["no room", "killed", "Ctrl-C"],
)  # fmt: skip
def test_a_picture_stays_whole_whatever_stops_the_process(tmp_path, how, code):
    (tmp_path / "y.svg").write_text("old")
    done = stopped(how, tmp_path)
    assert done.returncode == code, done.stderr
    assert ("File too large" in done.stderr) == (code == 1)
    assert (tmp_path / "y.svg").read_text() == "old"


def test_nothing_is_written_in_another_way():
    for path in pathlib.Path(micrograd_vn.__path__[0]).rglob("*.py"):
        if path.name == "files.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert not called.endswith((".write_text", ".write_bytes")), path
                if called in ("open", "io.open") or called.endswith("path.open"):
                    assert "'rb'" in ast.unparse(node), path
