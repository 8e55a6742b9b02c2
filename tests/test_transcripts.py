"""Every conversation of tests/transcripts/ comes out as it is written down (format: tests/transcript.py)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.flows.catalogue import CATALOGUE
from app.flows.table import Flow
from tests.transcript import BadTranscript, Replayed, replay

FOLDER = Path(__file__).with_name("transcripts")
FILES = sorted(FOLDER.rglob("*.txt"))


@cache
def replayed(path: Path) -> Replayed:
    with TemporaryDirectory(prefix="huifu-talk-") as folder:
        return replay(path, Path(folder))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER).with_suffix("")))
def test_the_talk_comes_out_as_it_is_written(path: Path, request: pytest.FixtureRequest) -> None:
    heard = replayed(path).text
    if request.config.getoption("--update"):
        path.write_text(heard, encoding="utf-8")
    assert heard == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("talk", "complaint"),
    [
        ("> 额度\n", "begins with `at:"),
        ("at: 2026-08-24 10:00\n额度\n", "what is this"),
        ("at: 2026-08-24 10:00\n(agent 小李 sings)\n", "nobody knows how"),
        ("at: 2026-08-24 10:00\n(agent 小李 claims)\n", "no talk is open"),
    ],
)
def test_a_line_that_nobody_understands_is_refused(talk: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text(talk, encoding="utf-8")
    with pytest.raises(BadTranscript, match=complaint):
        replay(path, tmp_path)


def test_a_talk_that_changed_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("at: 2026-08-24 10:00\n> 利率多少\n< 【示例银行】3.6%\n", encoding="utf-8")
    assert replay(path, tmp_path).text != path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_flow_is_talked_through_in_each_language(language: str) -> None:
    said = {key for path in (FOLDER / language).glob("*.txt") for key in replayed(path).said}
    unheard = [flow.name for flow in CATALOGUE.flows.values() if not speaks(flow) & said]
    assert unheard == []


def speaks(flow: Flow) -> set[str]:
    """Keys of what only this flow says. A complaint goes straight on to a person, with an apology in front."""
    if flow.name == "complaint":
        return {"human.waiting", "human.closed"}
    steps = flow.steps.values()
    return {f"{flow.name}.{step.name}" for step in steps} | {f"guide.{step.guide}" for step in steps if step.guide}
