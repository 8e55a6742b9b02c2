"""`huifu bench --console`, run for a second: every page heard of every change. Never how fast."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.bench import console
from app.bench.pages import TICKET
from app.cli import main

TINY = ("bench", "--console", "--seconds", "1", "--pages", "5", "--changes", "10", "--threads", "2")


def run(*words: str) -> str:
    done = CliRunner().invoke(main, [*TINY, *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_every_change_reaches_every_page(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", redis_url)
    told = json.loads(run("--database", database, "--json"))
    assert redis_url not in json.dumps(told)
    figures = told["databases"][database]
    assert set(figures["delays"]) == {console.SAME, console.OTHER, console.REDIS}
    for delays in figures["delays"].values():
        assert delays["changes"] == 10 and delays["lost"] == 0
        assert 0 < delays["p50_ms"] <= delays["p99_ms"] <= delays["most_ms"]
    # The feed's own sweep, twice a second, and what five pages say of themselves every twenty seconds.
    assert figures["idle"]["statements_per_second"] < 6


@pytest.mark.slow
def test_a_terminal_is_shown_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REDIS_URL", raising=False)
    shown = " ".join(run("--database", "sqlite").split())
    assert "in the same process" in shown and "in another process" in shown and "While nothing happens" in shown
    assert "Redis" not in shown


def test_the_reader_finds_the_tickets_in_a_stream() -> None:
    said = (
        b'40\r\nevent: ticket\ndata: {"id": 17, "gone": true}\n\nid: 1.a.2\nevent: ticket\ndata: {"id": 4, "x": 1}\n\n'
    )
    assert TICKET.findall(said) == [b"17", b"4"]
