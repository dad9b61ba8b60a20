"""Settings of the tests: the same examples in every run, on machines of any speed."""

import pytest
from hypothesis import settings

settings.register_profile("deterministic", derandomize=True, deadline=None, database=None)
settings.load_profile("deterministic")


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
