from __future__ import annotations

import pytest

from app.flows.check.samples import SIGNATURE, ucs2_parts
from app.gateways.parts import measure
from app.rules.canned import fill, unknown
from app.store.canned import shipped

VALUES = {"customer": "欧阳先生", "agent": "小李", "hotline": "400-889-5500", "bank": "示例农村商业银行"}


@pytest.mark.parametrize(
    ("body", "values", "filled"),
    [
        ("{customer}您好，我是{agent}", VALUES, "欧阳先生您好，我是小李"),
        ("{customer}您好", {}, "您好"),
        ("{customer}，您好", {}, "您好"),
        ("Hello {customer}, this is {agent}.", {"agent": "Lee"}, "Hello, this is Lee."),
        ("请致电{hotline}", {"hotline": "95500"}, "请致电95500"),
        ("{customer} {customer}", {"customer": "{agent}", "agent": "x"}, "{agent} {agent}"),
    ],
)
def test_placeholders_are_filled_and_fall_away_without_a_value(body: str, values: dict[str, str], filled: str) -> None:
    assert fill(body, values) == filled


def test_what_nothing_fills_is_named() -> None:
    assert unknown("{customer} {balance} {") == ["{balance}", "{"]
    assert unknown("{agent}{hotline}{bank}{customer}") == []


def test_shipped_replies_are_there_in_both_languages_and_fit() -> None:
    by_language = {code: {s for s, language in shipped() if language == code} for code in ("zh-CN", "en")}
    assert by_language["zh-CN"] == by_language["en"] and len(by_language["en"]) >= 12
    for reply in shipped().values():
        assert unknown(reply.body) == []
        filled = fill(
            reply.body,
            VALUES
            if reply.language == "zh-CN"
            else {**VALUES, "customer": "Ms Featherstone", "agent": "Lee", "bank": "Demo"},
        )
        if reply.language == "zh-CN":
            assert ucs2_parts(SIGNATURE + filled) <= 2, filled
        else:
            assert measure("[Demo Bank] " + filled).parts == 1, filled
