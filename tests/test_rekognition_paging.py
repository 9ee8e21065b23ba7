import pytest

from device.web.rekognition.faults import RequestError
from device.web.rekognition.paging import by_name, by_place

NAMES = ["anna", "bert", "carl", "dora", "emil"]


@pytest.mark.parametrize("page", [by_place, by_name])
@pytest.mark.parametrize("most", [1, 2, 3, 5, 9])
def test_pages_together_are_everything_once(page, most):
    found, token = page(NAMES, None, most)
    everything = [*found]
    while token:
        found, token = page(NAMES, token["NextToken"], most)
        assert 0 < len(found) <= most
        everything += found
    assert everything == NAMES


@pytest.mark.parametrize("page", [by_place, by_name])
def test_nothing_is_one_page_without_a_token(page):
    assert page([], None, 3) == ([], {})


@pytest.mark.parametrize("token", ["", "0", "5", "-1", "two", "²", "9" * 200, "0000000000025"])
def test_a_place_that_was_never_given_out_is_refused(token):
    with pytest.raises(RequestError, match="begin without one"):
        by_place(NAMES, token, 3)


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(RequestError, match="begin without one"):
        by_name(NAMES, "fred", 3)
