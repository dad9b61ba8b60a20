"""A user's program satisfies the type checkers, and does what it says."""

import math
import pathlib
import re
import runpy
import subprocess
import sys

import pytest

import micrograd_vn

PROGRAM = pathlib.Path(__file__).parent / "typing" / "program.py"
ROOT = pathlib.Path(micrograd_vn.__file__).parent.parent
MYPY = [sys.executable, "-m", "mypy", "--strict"]
PYRIGHT = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]


@pytest.mark.parametrize("command", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_a_users_program_satisfies_and_mistakes_are_found(command, tmp_path):
    pytest.importorskip(command[2])
    mistakes = [
        "x: str = (Value(1.0) * 2).data",
        'Value("3")',
        'Value(1.0) + "2"',
        "SGD(3)",
        'CompiledLoss(MLP(1, [1]), lambda o, t: o, [0.0], 0.0, modules="nunpy")',
    ]
    head = "from micrograd_vn import Value\nfrom micrograd_vn.nn import MLP\n"
    head += "from micrograd_vn.optim import SGD\nfrom micrograd_vn.train import CompiledLoss\n"
    path = tmp_path / "mistakes.py"
    path.write_text(head + "\n".join(mistakes) + "\n")
    done = subprocess.run(
        [*command, str(PROGRAM), str(path)], cwd=ROOT, capture_output=True, text=True
    )
    for i in range(len(mistakes)):
        assert f"{path.name}:{i + 5}:" in done.stdout, mistakes[i]
    complaints = re.findall(r"(\w+\.py):\d+:", done.stdout)
    assert set(complaints) == {path.name}, done.stdout


def test_the_program_runs():
    names = runpy.run_path(str(PROGRAM))
    assert names["slope"] == pytest.approx(-3.0 + 4.0 + 2.0**2 * math.log(2))
    assert names["right"] is True
    assert len(names["losses"]) == 6
