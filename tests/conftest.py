"""Fixtures that every test may ask for: a clock, a real PostgreSQL, a real browser, the running service."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page, expect

from app.bench.redis import RedisServer
from app.config import Settings
from tests.clock import Clock
from tests.servers.chromium import chromium
from tests.servers.postgres import Postgres, Prepare, stop_server
from tests.servers.service import Service, running_service

RUN_FOLDER = pytest.StashKey[Path]()

# A slow machine is no fault of the program: examples are counted, not timed.
hypothesis_settings.register_profile("untimed", deadline=None, print_blob=True)
# What decides over a change draws the same examples each time; every other run looks for new ones.
hypothesis_settings.register_profile("repeatable", hypothesis_settings.get_profile("untimed"), derandomize=True)
hypothesis_settings.load_profile("repeatable" if os.environ.get("CI") else "untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite tests/transcripts/ as the service talks now")


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the whole run: the first process makes it, xdist's workers are told where it is.

    It lies directly in the system's temporary folder: the path of a socket may not pass 107 bytes.
    """
    told = getattr(config, "workerinput", {}).get("run_folder")
    config.stash[RUN_FOLDER] = Path(told or tempfile.mkdtemp(prefix="huifu-tests-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the folder ends what was started in it, after all workers are done."""
    folder = config.stash.get(RUN_FOLDER, None)
    if folder is not None and not hasattr(config, "workerinput"):
        stop_server(folder)
        shutil.rmtree(folder, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A set's order differs from process to process, and xdist refuses workers that do not agree on the tests."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if isinstance(mark.args[1], (set, frozenset)):
            raise pytest.UsageError(f"{metafunc.definition.nodeid}: parametrize over a list, a set has no order.")


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """What the shell or a developer's `.env` sets for the service must not change what a test finds."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture
def clock() -> Clock:
    """10:00 in Shanghai on a working Wednesday, until the test moves it."""
    return Clock()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[Postgres]:
    server = Postgres(pytestconfig.stash[RUN_FOLDER])
    yield server
    server.drop_templates()


@pytest.fixture
def fresh_postgres_url(postgres: Postgres) -> Iterator[Callable[..., str]]:
    """`fresh_postgres_url()` gives an empty database, `fresh_postgres_url(prepare)` a copy of a prepared one.

    They are dropped after the test; a fixture that lives longer uses `postgres` itself.
    """
    made: list[str] = []

    def fresh(prepare: Prepare | None = None) -> str:
        made.append(postgres.fresh_url(prepare))
        return made[-1]

    yield fresh
    if made:
        postgres.drop(made)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis of this process, shared by its tests; one that is to be killed makes a server of its own."""
    server = RedisServer().start()
    yield server.url
    server.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # milliseconds: a busy machine takes its time, and what never comes still fails
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own context: no cookie of another test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context.new_page()
    context.close()


@pytest.fixture
def start_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Service]]:
    """`start_service(settings, before=…)` gives a running service; all are ended with the test."""
    with ExitStack() as running:

        def start(*arguments: Any, **options: Any) -> Service:
            folder = tmp_path_factory.mktemp("service")
            return running.enter_context(running_service(folder, *arguments, **options))

        yield start
