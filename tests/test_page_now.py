"""The page `now` in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import LOOKS


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_everybody_can_read_it(home, browse, look):
    page = browse(home, look=look)
    expect(page.locator("#bolt")).to_have_text({"en": "locked", "de": "verriegelt"}[look.language])
    expect(page.locator("#animals li")).to_have_count(2)
