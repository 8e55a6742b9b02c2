"""`huifu agents`: people made, listed, reset, closed from the terminal; and the demo's people."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import create_app
from app.cli import main
from app.config import load_settings
from app.handlers.accounts import sign_in
from app.handlers.accounts.standing import Standing
from app.handlers.demo_agents import DEMO_PASSWORD, PEOPLE, add_demo_agents
from app.handlers.service import Service
from app.rules.routing import SKILLS
from app.store import agents, tables
from tests.rig import Rig, sqlite_url

Huifu = Callable[..., Result]


@pytest.fixture
def huifu(desk: Rig, tmp_path: Path) -> Huifu:
    """Runs a command on the desk's database."""

    def run(*words: str, given: str = "") -> Result:
        environment = {"DATABASE_URL": sqlite_url(tmp_path), "SECRET_KEY": "rig"}
        return CliRunner().invoke(main, words, env=environment, input=given, prog_name="huifu")

    return run


def one_time(told: Result) -> str:
    found = re.search(r"first sign-in:  (\S+)", told.output)
    assert found is not None, told.output
    return found[1]


def enter(desk: Rig, name: str, password: str) -> Standing:
    return sign_in.with_password(desk.service, name, password)


def actions(desk: Rig) -> list[str]:
    rows = desk.rows(tables.Audit)
    assert all(row.actor.startswith("terminal:") for row in rows if row.action.startswith("agent."))
    return [row.action for row in rows if row.action.startswith("agent.")]


def test_a_person_is_added_with_a_password_for_one_time(desk: Rig, huifu: Huifu) -> None:
    told = huifu(
        "agents",
        "add",
        "小李",
        "--role",
        "agent",
        "--skills",
        "quota, repayment",
        "--languages",
        "zh-CN,en",
        "--limit",
        "6",
    )
    assert told.exit_code == 0
    held = enter(desk, "小李", one_time(told))
    assert held.owes == "password"
    assert held.agent.skills == {"quota", "repayment"}
    assert held.agent.languages == {"zh-CN", "en"}
    assert held.agent.most_open == 6
    assert actions(desk) == ["agent.add"]
    assert one_time(told) not in repr(desk.rows(tables.Audit) + desk.rows(tables.Agent))


def test_a_person_is_added_with_a_given_password(desk: Rig, huifu: Huifu) -> None:
    told = huifu("agents", "add", "张主管", "--role", "supervisor", "--password-stdin", given="a sentence of my own\n")
    assert told.exit_code == 0 and "One-time" not in told.output
    assert enter(desk, "张主管", "a sentence of my own").owes == ""


@pytest.mark.parametrize(
    ("words", "given", "why"),
    [
        (["小李", "--role", "agent"], "", "There is somebody called 小李 already."),
        (["小王", "--role", "agent", "--password-stdin"], "short\n", "fewer than 12 characters"),
        (["小王", "--role", "agent", "--password-stdin"], "", "no password on standard input"),
        (["小王", "--role", "agent", "--languages", "fr"], "", "languages are zh-CN and en"),
        (["小王", "--role", "agent", "--limit", "0"], "", "1 to 50"),
        (["王" * 51, "--role", "agent"], "", "1 to 50 characters"),
        (["  ", "--role", "agent"], "", "1 to 50 characters"),
        (["小\t王", "--role", "agent"], "", "can be printed"),
        (["小王", "--role", "boss"], "", "boss"),
    ],
)
def test_what_cannot_be_added_says_why(desk: Rig, huifu: Huifu, words: list[str], given: str, why: str) -> None:
    huifu("agents", "add", "小李", "--role", "agent")
    before = desk.rows(tables.Agent)
    told = huifu("agents", "add", *words, given=given)
    assert told.exit_code != 0
    assert why in told.output
    assert desk.rows(tables.Agent) == before


def test_a_reset_gives_a_new_password_and_takes_lock_and_factor_away(desk: Rig, huifu: Huifu) -> None:
    first = one_time(huifu("agents", "add", "小李", "--role", "agent"))
    with desk.service.database.begin() as connection:
        row = agents.by_name(connection, "小李")
        agents.change(connection, row.id, totp_since=desk.clock(), totp_nonce="x", locked_until=desk.clock(), wrong=5)
    second = one_time(huifu("agents", "reset", "小李"))
    with pytest.raises(sign_in.NotSignedIn):
        enter(desk, "小李", first)
    held = enter(desk, "小李", second)
    assert held.owes == "password" and not held.has_factor and held.epoch == 1
    assert actions(desk) == ["agent.add", "agent.reset"]


def test_somebody_is_closed_out_and_let_in_again(desk: Rig, huifu: Huifu) -> None:
    password = one_time(huifu("agents", "add", "小李", "--role", "agent"))
    assert huifu("agents", "disable", "小李").exit_code == 0
    with pytest.raises(sign_in.NotSignedIn):
        enter(desk, "小李", password)
    assert json.loads(huifu("agents", "list", "--json").output)[0]["state"] == "disabled"
    assert huifu("agents", "enable", "小李").exit_code == 0
    assert enter(desk, "小李", password)
    assert actions(desk) == ["agent.add", "agent.disable", "agent.enable"]


def test_a_lock_is_ended(desk: Rig, huifu: Huifu) -> None:
    password = one_time(huifu("agents", "add", "小李", "--role", "agent"))
    for _ in range(5):
        with pytest.raises(sign_in.NotSignedIn):
            enter(desk, "小李", "wrong")
    huifu("agents", "unlock", "小李")
    assert enter(desk, "小李", password)


@pytest.mark.parametrize("verb", ["reset", "disable", "enable", "unlock"])
def test_nobody_of_that_name(desk: Rig, huifu: Huifu, verb: str) -> None:
    told = huifu("agents", verb, "谁")
    assert told.exit_code == 1
    assert told.output == "There is nobody called 谁.\n"
    assert desk.rows(tables.Audit) == []


def test_the_list_is_for_people_and_scripts(desk: Rig, huifu: Huifu) -> None:
    assert "Nobody is there yet" in huifu("agents", "list").output
    assert json.loads(huifu("agents", "list", "--json").output) == []
    huifu("agents", "add", "小李", "--role", "agent")
    huifu("agents", "add", "张主管", "--role", "supervisor")
    assert "张主管" in huifu("agents", "list").output
    told = json.loads(huifu("agents", "list", "--json").output)
    assert [(row["name"], row["role"], row["state"], row["second_factor"]) for row in told] == [
        ("小李", "agent", "away", False),
        ("张主管", "supervisor", "away", False),
    ]


# ---- the demo's people ----------------------------------------------------------------------------------------


@pytest.fixture
def at_a_bank(desk: Rig, tmp_path: Path) -> Iterator[Service]:
    """The same database under a real gateway."""
    settings = {
        "gateway": "twilio",
        "twilio_account_sid": "AC1",
        "twilio_auth_token": "t",
        "twilio_from": "+15005550006",
        "public_url": "https://sms.bank.test",
        "secret_key": "k",
    }
    app = create_app(load_settings({"database_url": sqlite_url(tmp_path), **settings}))
    service: Service = app.extensions["huifu"]
    yield service
    service.database.close()


def test_the_demo_has_somebody_of_each_role_once(desk: Rig) -> None:
    assert add_demo_agents(desk.service.database, desk.clock()) == PEOPLE
    assert add_demo_agents(desk.service.database, desk.clock()) == PEOPLE
    assert len(desk.rows(tables.Agent)) == len(PEOPLE)
    assert enter(desk, "小李", DEMO_PASSWORD).owes == ""


def test_the_demo_does_not_move_in_with_people_who_are_there(desk: Rig, huifu: Huifu) -> None:
    huifu("agents", "add", "小李", "--role", "supervisor")
    assert add_demo_agents(desk.service.database, desk.clock()) == {}
    assert len(desk.rows(tables.Agent)) == 1


def test_the_demos_password_opens_nothing_at_a_bank(desk: Rig, at_a_bank: Service) -> None:
    add_demo_agents(desk.service.database, desk.clock())
    with pytest.raises(sign_in.NotSignedIn):
        sign_in.with_password(at_a_bank, "小李", DEMO_PASSWORD)


def test_the_demo_says_who_can_sign_in(desk: Rig, huifu: Huifu) -> None:
    assert DEMO_PASSWORD in huifu("demo-data").output
    assert json.loads(huifu("demo-data", "--json").output)["agents"] == PEOPLE


def test_a_skill_that_no_conversation_needs_is_refused(huifu: Huifu) -> None:
    told = huifu("agents", "add", "小李", "--role", "agent", "--skills", "repayment,limit")
    assert told.exit_code == 1
    assert "limit" in told.output
    assert "quota" in told.output
    assert huifu("agents", "list").output.startswith("Nobody")


def test_every_skill_stands_in_the_help(huifu: Huifu) -> None:
    told = huifu("agents", "add", "--help").output
    assert [skill for skill in SKILLS if skill not in told] == []
