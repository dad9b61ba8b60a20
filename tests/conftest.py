"""Settings of the tests: the same examples in every run, on machines of any speed."""

import os
import signal

import pytest
from hypothesis import settings

from tests.sizes import size

settings.register_profile(
    "deterministic", max_examples=size(40, 100), derandomize=True, deadline=None, database=None
)
settings.load_profile("deterministic")

# Ignored by what is started in the background, and by what that starts: tests of Ctrl-C, say.
signal.signal(signal.SIGINT, signal.default_int_handler)
# XLA's optimizations cost more than they save where little is computed.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", size("1", "0"))
# In a locale of no language, what teaches is in Vietnamese and errors are in English.
os.environ.pop("MICROGRAD_VN_LANG", None)
os.environ["LC_ALL"] = "C.UTF-8"


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write the golden files anew, to be read"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Let a worker have neighbours, which share what is made once, and take over what is left."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture
def golden(request):
    """Compare a text with a golden file, or write the file."""

    def compare(path, text):
        if request.config.getoption("--rewrite-golden"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare
