"""`huifu templates`, on a database with the demo's customers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.care.library import shipped
from app.cli import main

Huifu = Callable[..., Result]


@pytest.fixture
def huifu(tmp_path: Path) -> Huifu:
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'huifu.db'}", "SECRET_KEY": "k", "COLUMNS": "300"}

    def run(*words: str, **settings: str) -> Result:
        return CliRunner().invoke(main, words, env={**environment, **settings}, prog_name="huifu")

    assert run("migrate").exit_code == 0
    assert run("demo-data").exit_code == 0
    return run


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_all_are_listed_with_what_leaves(huifu: Huifu) -> None:
    found = told(huifu("templates", "list", "--json"))
    assert {(one["template"], one["language"]) for one in found} == set(shipped())
    assert {(one["state"], one["version"]) for one in found} == {("shipped", 0)}
    table = huifu("templates", "list").stdout
    assert "solar_term" in table
    assert "zh-CN" in table


def test_one_is_shown_with_its_menu(huifu: Huifu) -> None:
    found = told(huifu("templates", "show", "settled", "--json"))
    template = shipped()["settled", "zh-CN"]
    assert found["leaves"]["words"] == template.words
    assert found["leaves"]["second"] == "settled_again"
    assert found["versions"] == []
    page = huifu("templates", "show", "settled", "--language", "en").stdout
    assert shipped()["settled", "en"].words in page
    assert "reply 1 details → interest" in page


def test_the_check_ends_with_one_when_a_text_may_not_leave(huifu: Huifu) -> None:
    good = huifu("templates", "check")
    assert (good.exit_code, good.stdout) == (0, f"{len(shipped())} texts, 0 that may not leave.\n")
    assert told(huifu("templates", "check", "--json")) == []
    bad = huifu("templates", "check", INFO_LINK="https://www.bank.test/info")
    assert bad.exit_code == 1
    assert "settled [zh-CN] target: " in bad.stdout
    script = huifu("templates", "check", "--json", INFO_LINK="https://www.bank.test/info")
    assert {one["leaves"] for one in json.loads(script.stdout)} == {False}


def test_a_preview_shows_real_customers_and_what_stands_for_what(huifu: Huifu) -> None:
    found = told(huifu("templates", "preview", "vip", "--number", "2", "--json"))
    assert [one["customer_id"] for one in found] == ["DEMO01", "DEMO02"]
    first = found[0]
    assert first["body"].startswith("【示例银行】王先生，")
    assert (first["parts"], first["cost"], first["leaves"], first["missing"]) == (2, "0.10", True, [])
    sources = {one["placeholder"]: one["source"] for one in first["filled"]}
    assert sources == {
        "customer": "value",
        "ceiling": "sample",
        "manager": "value",
        "until": "sample",
        "link": "value",
        "hotline": "value",
    }
    page = huifu("templates", "preview", "vip").stdout
    assert "DEMO01: 2 parts, 0.10 yuan" in page
    assert "王建国" not in page


def test_a_preview_of_one_customer_without_a_price(huifu: Huifu) -> None:
    found = told(huifu("templates", "preview", "birthday", "--customer", "DEMO08", "--json", PART_PRICE="0"))
    assert [(one["customer_id"], one["cost"]) for one in found] == [("DEMO08", None)]
    page = huifu("templates", "preview", "birthday", "--customer", "DEMO08", PART_PRICE="0").stdout
    assert "yuan" not in page


def test_a_preview_in_english_is_of_those_who_read_it(huifu: Huifu) -> None:
    found = told(huifu("templates", "preview", "birthday", "--language", "en", "--json"))
    assert [one["customer_id"] for one in found] == ["DEMO09"]
    assert found[0]["body"].startswith("[Demo Bank] Ms Carter, happy birthday!")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "nothing"), "No text 'nothing' leaves in zh-CN; see `huifu templates list`.\n"),
        (("preview", "nothing"), "No text 'nothing' leaves in zh-CN; see `huifu templates list`.\n"),
        (
            ("preview", "birthday", "--customer", "nobody"),
            "There is no customer 'nobody'; --customer takes a customer_id of customers.csv.\n",
        ),
    ],
)
def test_what_is_not_there_is_a_misuse_in_one_sentence(huifu: Huifu, words: tuple[str, ...], says: str) -> None:
    done = huifu("templates", *words)
    assert (done.exit_code, done.stderr) == (2, says)
