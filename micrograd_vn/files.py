"""Files are written beside and then put in place: what stops it leaves the old file whole."""

from __future__ import annotations

import os
import pathlib
import secrets

__all__ = ["write"]


def write(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write a file, text in UTF-8, or leave what is there as it is.

    Parameters
    ----------
    path
        The file; its folder exists.
    content
        All that is to be in it.

    Raises
    ------
    OSError
        It can't be written.
    """
    target = pathlib.Path(os.path.realpath(path))  # a link stays one
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    data = content.encode() if isinstance(content, str) else content
    try:
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
