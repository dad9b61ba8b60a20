"""The form of a number: what is given stays as it was given."""

import pytest

from micrograd_vn import Value
from micrograd_vn.engine import Constant
from micrograd_vn.readers.numbers import as_given, shown


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (3.0, "3.0"), (0.0, "0.0"), (-2.0, "−2.0"), (0.84291, "0.84291"), (0.3, "0.3"),
        (1 / 3, "0.3333"), (1e10, "1·10¹⁰"), (1e300, "1·10³⁰⁰"), (float("inf"), "∞"),
    ],
)  # fmt: skip
def test_a_given_number_is_shown_as_it_was_given(x, text):
    assert str(shown(Value(x), 4)) == text


def test_what_is_computed_and_a_constant_have_no_decimal_for_its_own_sake():
    x = Value(3.0)
    assert [str(shown(v, 4)) for v in (x * 2, x / 7, Constant(1.0))] == ["6", "0.4286", "1"]
    assert str(as_given(0.123456789, 4)) == "0.1235"
