"""What the package writes is whole, or the old file is."""

import os

import pytest

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
