"""`huifu bench --care` on some customers: nobody twice, nobody left out, all figures there. Never how fast."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.bench import care_fill
from app.bench.care import Options
from app.bench.care_gate import campaign_of, drafts, pace
from app.care.programmes import shipped
from app.cli import main
from app.rules.gate import judge


@pytest.mark.slow
@pytest.mark.postgres
def test_a_planner_that_is_killed_is_measured_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("bench", "--care", "--customers", "4000", "--kills", "1", "--json")
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["twice"], told["unseen"], told["second"]["planned"]) == (0, 0, 0)
    assert told["rows"] == told["first"]["planned"] > 1000
    assert told["killed_at"] and 2000 <= told["killed_at"][0] <= 4000
    assert (
        told["first"]["seconds"] > 0
        and told["first"]["peak_mb"] > 10
        and told["ceiling"] > 0
        and min(told["gate"].values()) > 0
    )
    assert "postgres_url" not in told["options"]


def test_the_programmes_are_those_that_are_shipped() -> None:
    assert set(care_fill.PROGRAMMES) <= set(shipped())
    assert len(care_fill.PROGRAMMES) == 12
    assert len(set(Options(programmes=20).keys)) == 20


def test_the_gate_is_asked_about_texts_that_it_allows() -> None:
    texts = list(drafts())
    assert len(texts) > 1000 and len({one.words for one in texts}) > 1000
    assert [one.words for one in texts if not judge(one).allowed] == []
    some = list(islice(campaign_of(1), 2000))
    assert [one.words for one in some if not judge(one).allowed] == []
    assert len({one.words for one in some}) > 1500 and len({name for one in some for name in one.names}) > 100
    found = pace(0.01)
    assert found.campaign > 0 and found.unseen > 0
