"""What is told of cities: a line of JSON each, their sum, and an exit code that a script can trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.exceptions import Exit
from click.testing import CliRunner

from app.city.plan import Plan
from app.city.run import Report
from app.city.show import total
from app.cli import main
from app.commands.city import cities

LAW = "texts acknowledged and lost"
PLAN = Plan(texts=400, customers=12, seed=7, breaks={"kills": 2})


def whole(plan: Plan) -> Report:
    """A city that is over at once, and in which nothing went wrong."""
    counts = {"texts said": plan.texts, "kills of web": 1, "kills of worker": 2, "disks full": 1}
    return Report(counts, {LAW: []}, 60.0)


def broken_in_the_second(plan: Plan) -> Report:
    breach = ["inbound 3 was acknowledged and never took effect"] if plan.seed == PLAN.seed + 1 else []
    return Report(whole(plan).counts, {LAW: breach}, 60.0)


def test_cities_follow_each_other_until_enough_has_been_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "runs.jsonl"
    cities(PLAN, whole, until_texts=1000, to=kept)
    assert "3 cities" in capsys.readouterr().out
    runs = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert [one["seed"] for one in runs] == [7, 8, 9]
    summed = total(runs)
    assert (summed["cities"], summed["texts"], summed["laws"], summed["broken"]) == (3, 1200, {LAW: 0}, [])
    assert (summed["counts"]["kills of web"], summed["counts"]["kills of worker"]) == (3, 6)


def test_one_breach_in_one_of_them_ends_with_one_and_says_how_to_live_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Exit) as ended:
        cities(PLAN, broken_in_the_second, seeds=3, as_json=True)
    assert ended.value.exit_code == 1
    runs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["laws"][LAW] for one in runs] == [0, 1, 0]
    assert total(runs)["broken"] == [runs[1]["replay"]]
    assert "--seed 8" in runs[1]["replay"]
    with pytest.raises(Exit) as ended:
        cities(PLAN, broken_in_the_second, seeds=2)
    assert ended.value.exit_code == 1
    shown = capsys.readouterr().out
    assert "inbound 3" in shown
    assert "Broken in:" in shown


@pytest.mark.slow
def test_the_command_lives_what_its_words_ask_for(tmp_path: Path) -> None:
    """Twelve customers who say a word each: the smallest city that there is, but a real one."""
    kept = tmp_path / "runs.jsonl"
    words = ["--texts", "12", "--customers", "12", "--seed", "7", "--speed", "60", "--to", str(kept), "--json"]
    told = CliRunner().invoke(main, ["city", *words])
    assert told.exit_code == 0, told.output
    (run,) = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert json.loads(told.stdout) == run
    assert (run["seed"], run["counts"]["texts said"], run["broken"]) == (7, 12, {})
