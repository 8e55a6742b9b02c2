"""A seed says the same again: the same people, the same texts, the same faults, the same breaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from app.care import library, programmes, windows
from app.city import breaks, roster
from app.city.breaks import KINDS
from app.city.campaigns import CAMPAIGNS, HOURS, Campaign, told_by
from app.city.characters import CODE, OFFER, Line, script
from app.city.clock import START, FastClock, ProcessClock, set_wrong
from app.city.faults import Faults
from app.city.plan import Plan
from app.city.replies import reply
from app.cli import main
from app.flows.reading.masking import mask

PLAN = Plan(300, 60, 5, {"kills": 2}, speed=30)


@pytest.mark.parametrize("character", roster.CHARACTERS)
def test_a_seed_writes_the_same_script_again(character: str) -> None:
    lines = script(7, 3, character, 40)
    assert sum(line.body != OFFER for line in lines) == 40
    assert lines == script(7, 3, character, 40)
    assert lines != script(8, 3, character, 40)
    assert lines[:10] == script(7, 3, character, 80)[:10]


def said(character: str) -> list[Line]:
    return [line for number in range(20) for line in script(7, number, character, 60)]


def test_everybody_is_as_their_name_says() -> None:
    """Each name once, so that none is a word without a deed."""
    assert {line.body for line in said("plain")} >= {CODE, OFFER, "额度"}
    assert sum(line.wait <= 1 for line in said("impatient")) > len(said("impatient")) / 2
    assert max(line.wait for line in said("slow") if line.body == CODE) > 300  # a code's life
    assert max(line.wait for line in said("slow")) > 600  # a proof's
    assert {"？？？", "é" * 200} <= {line.body for line in said("confused")}
    assert {"TD", "STOP", "START", "HF", OFFER} <= {line.body for line in said("opted-out")}
    assert {line.phone for line in said("two phones")} == {0, 1}
    assert any(line.reacts for line in said("auto-responder"))
    assert any(line.reacts for line in said("echo"))
    assert any(line.forged for line in said("attacker"))
    assert any(line.media for line in said("careless"))
    assert {"转人工", "投诉"} <= {line.body for line in said("angry")}
    assert any("不是王建国" in line.body for line in said("stranger"))


def test_the_secrets_of_the_careless_are_ones_that_the_service_knows() -> None:
    secrets = [line for line in said("careless") if line.secret]
    assert len({line.secret for line in secrets}) > 20
    assert not any(line.secret in mask(line.body).text for line in secrets)


def test_the_same_people_live_there() -> None:
    people = roster.settle(7, 200)
    assert people == roster.settle(7, 200)
    assert {one.character for one in people[: len(roster.CHARACTERS)]} == set(roster.CHARACTERS)
    assert [one.character for one in people[200:]] == [roster.LISTENER] * 66
    phones = [phone for one in people for phone in one.phones]
    amounts = [amount for one in people for amount in one.amounts]
    assert len(set(phones)) == len(phones)
    assert len(set(amounts)) == len(amounts)
    assert not any(one.amounts for one in people if one.character == "attacker")


def test_everybody_whom_a_programme_could_mean_lives_there() -> None:
    """Some agreed to offers and some did not; all occasions, months that are full, and a night elsewhere."""
    people = [one for one in roster.settle(7, 200) if one.customer_id]
    opted_out = [one.facts["marketing_consent"] for one in people if one.character == "opted-out"]
    assert set(opted_out) == {"yes", "unknown"}
    facts = [fact for one in people for fact in one.facts.items()]
    for fact in (("due_on", "2026-06-15"), ("birthday", "1986-06-10"), ("limit_expires_on", "2026-07-01")):
        assert len(people) / 10 < facts.count(fact) < len(people)
    assert {len(one.history) for one in people} == {0, 2}
    far = [one for one in people if one.zone == roster.AWAY]
    assert far
    assert all(phone.startswith("+1") for one in far for phone in one.phones)
    assert START.astimezone(ZoneInfo(roster.AWAY)).hour < 8


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda one: one.key)
def test_a_programme_is_known_by_words_that_its_template_has(campaign: Campaign) -> None:
    """Who checks and who answers knows the texts from outside; the files must not drift away from that."""
    programme, texts = programmes.shipped()[campaign.key], library.shipped()
    assert not programme.arms
    for place, language in enumerate(("zh-CN", "en")):
        template = texts[programme.template, language]
        assert told_by(template.words) == (campaign, False)
        assert template.kind == campaign.kind
        invited = {word for one in template.replies for word in (one.key, *one.words)}
        assert set(campaign.menu(template.words)) == set(campaign.menus[place]) <= invited
        if template.second:
            assert told_by(texts[template.second, language].words) == (campaign, True)
    hours = {(one.start, one.end) for one in windows.chosen(programme.window, programme.product, "").hours}
    assert hours == set(HOURS)


def test_customers_answer_programmes_by_who_they_are_and_a_seed_says_it_again() -> None:
    body = "【示例银行】生日快乐！谢谢您一直以来的信任。回复1约回电"
    kinds = (*roster.CHARACTERS, roster.LISTENER)
    said = {kind: [reply(7, number, kind, body) for number in range(300)] for kind in kinds}
    assert said["plain"] == [reply(7, number, "plain", body) for number in range(300)]
    words = {kind: {one[0] for one in found if one} for kind, found in said.items()}
    assert words["plain"] == words["listener"] == {"1", "回电", "TD"}
    assert words["impatient"] == {"1", "回电"}
    assert sum(one is not None and one[0] == "TD" for one in said["opted-out"]) > 150
    assert None in said["plain"]
    assert not words["angry"] | words["echo"] | words["auto-responder"]
    assert reply(7, 1, "impatient", "【示例银行】验证码 123456") is None


def test_each_number_has_faults_of_its_own() -> None:
    """What happens to one number does not depend on how much the others text."""
    alone, busy = Faults(7), Faults(7)
    sends = [alone.send("+1") for _ in range(50)]
    mixed = [(busy.send("+2"), busy.inbound("+1"), busy.send("+1"))[2] for _ in range(50)]
    assert sends == mixed
    assert len(set(sends)) > 3
    busy.calm = True
    assert [busy.send("+1") for _ in range(50)] == ["ok"] * 50
    assert busy.inbound("+1") == [0.0]


def test_the_same_things_break_again() -> None:
    every = dict.fromkeys(KINDS, 3)
    planned = breaks.plan(7, 1000, every)
    assert planned == breaks.plan(7, 1000, every)
    assert planned != breaks.plan(8, 1000, every)
    assert [one.after for one in planned] == sorted(one.after for one in planned)
    assert all(100 <= one.after <= 900 for one in planned)
    # One kind more leaves the others where they were.
    assert [one for one in planned if one.kind == "kills"] == breaks.plan(7, 1000, {"kills": 3})
    assert all(one.lasts > 60 for one in planned if one.kind == "pauses")  # longer than any lease
    assert all(30 <= abs(one.wrong) <= breaks.MOST_WRONG for one in planned if one.kind == "skews")


def test_the_clock_is_the_same_in_every_process_until_it_goes_wrong(tmp_path: Path) -> None:
    clock, file = FastClock(1000.25, 20), tmp_path / "wrong"
    assert clock.at(1000.25) == START
    assert (clock.at(1003.25) - START).total_seconds() == 60
    assert clock.real(60) == 3
    set_wrong(file, 0)
    still = FastClock(clock.origin, 0)
    ours = ProcessClock(still, file)
    assert ours() == START
    set_wrong(file, -90)
    assert (ours() - START).total_seconds() == -90


def test_the_command_line_that_lives_it_again() -> None:
    assert PLAN.replay == "huifu city --texts 300 --customers 60 --seed 5 --kills 2 --speed 30 --crowd 100"
    assert "secret" not in replace(PLAN, database="postgresql://bank:secret@db/huifu").replay
    assert "--scale" in replace(PLAN, scale=True).replay


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--flushes", "1"], "--flushes need --scale"),
        (["--db-restarts", "1"], "--db-restarts needs --scale"),
        (["--full-disks", "1", "--database", "postgresql://db/postgres"], "leave --database out"),
        (["--database", "mysql://db"], "PostgreSQL"),
    ],
)
def test_what_is_not_there_cannot_be_broken(words: list[str], sentence: str) -> None:
    told = CliRunner().invoke(main, ["city", *words])
    assert told.exit_code == 2
    assert sentence in told.output
