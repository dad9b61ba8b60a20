"""Settings of the tests: the same examples in every run, on machines of any speed."""

import os

import pytest
from hypothesis import settings

settings.register_profile("deterministic", derandomize=True, deadline=None, database=None)
settings.load_profile("deterministic")

# In a locale of no language, what teaches is in Vietnamese and errors are in English.
os.environ.pop("MICROGRAD_VN_LANG", None)
os.environ["LC_ALL"] = "C.UTF-8"


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write the golden files anew, to be read"
    )


@pytest.fixture
def golden(request):
    """Compare a text with a golden file, or write the file."""

    def compare(path, text):
        if request.config.getoption("--rewrite-golden"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare
