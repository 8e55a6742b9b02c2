"""Patience for every test of a page."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import patience


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(patience.OF_ONE_TEST))


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    expect.set_options(timeout=patience.MILLISECONDS)
    return browser
