from __future__ import annotations

import hashlib
from typing import Any

import pytest

from app.store import canned, tables
from tests.console.conftest import SignedIn, text_of
from tests.rig import Rig

NEW = {
    "fresh": "yes",
    "shortcut": "docs",
    "language": "zh-CN",
    "topic": "application",
    "body": "{customer}，请带身份证到网点办理。",
}


def bodies(desk: Rig, language: str = "zh-CN") -> dict[str, str]:
    with desk.service.database.begin() as connection:
        return {one.shortcut: one.body for one in canned.listed(connection, language)}


def digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def test_starters_are_there_from_the_first_day(desk: Rig, signed_in: SignedIn) -> None:
    page = signed_in("operator", interface="en").get("/console/replies?language=en")
    assert "/hi" in page.text and "this is Lee" in page.text and "shipped" in page.text
    assert "see the gate" not in page.text
    assert len(bodies(desk)) == len(bodies(desk, "en")) >= 12


def test_a_reply_is_written_changed_and_given_back(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator")
    shipped = bodies(desk)["hi"]
    edit = {"shortcut": "hi", "language": "zh-CN", "topic": "", "body": "您好，{agent}为您服务。"}
    with audited("reply.add", "reply.edit", "reply.restore", by="运营"):
        assert operator.post("/console/replies", data=NEW).status_code == 303
        operator.post("/console/replies", data=edit)
        assert bodies(desk)["hi"] == edit["body"] and bodies(desk)["docs"] == NEW["body"]
        operator.post("/console/replies/restore", data={"shortcut": "hi", "language": "zh-CN"})
    assert bodies(desk)["hi"] == shipped
    added, edited, restored = desk.rows(tables.Audit)
    assert (added.subject, added.detail["old"], added.detail["new"]) == ("reply:zh-CN:docs", "", digest(NEW["body"]))
    assert (edited.detail["old"], edited.detail["new"]) == (digest(shipped), digest(edit["body"]))
    assert restored.detail == {"old": digest(edit["body"]), "new": digest(shipped)}


def test_a_reply_is_taken_out_and_a_shipped_one_comes_back(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator")
    operator.post("/console/replies", data=NEW)
    with audited("reply.remove", "reply.remove", "reply.restore"):
        for shortcut in ("docs", "bye", "nobody-has-it"):
            operator.post("/console/replies/remove", data={"shortcut": shortcut, "language": "zh-CN"})
        assert not {"docs", "bye"} & bodies(desk).keys() and "bye" in bodies(desk, "en")
        assert 'action="/console/replies/restore"' in operator.get("/console/replies").text
        operator.post("/console/replies/restore", data={"shortcut": "bye", "language": "zh-CN"})
    assert "bye" in bodies(desk)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"shortcut": "two words"}, "without spaces"),
        ({"shortcut": ""}, "without spaces"),
        ({"shortcut": "x" * 21}, "without spaces"),
        ({"shortcut": "hi"}, "under this shortcut already"),
        ({"language": "fr"}, "Choose a language."),
        ({"body": "   "}, "Write what the customer reads."),
        ({"body": "好" * 501}, "At most 500 characters."),
        ({"body": "您的余额{balance}"}, "Nothing fills {balance}."),
        ({"body": "请把您的银行卡密码发给我"}, "password"),
        ({"body": "请登录 http://bank.example.com/info"}, "https://"),
        ({"body": "您的申请百分百通过，稳赚不赔"}, "promise"),
    ],
)
def test_bad_input_comes_back_with_its_sentence_and_all_that_was_typed(
    desk: Rig, signed_in: SignedIn, changed: dict[str, str], sentence: str
) -> None:
    form = {**NEW, **changed}
    page = signed_in("operator", interface="en").post("/console/replies", data=form)
    assert page.status_code == 422 and sentence in text_of(page), text_of(page)
    if form["body"].strip():
        assert form["body"] in page.text
    assert '<option value="application" selected>' in page.text
    assert desk.rows(tables.CannedReply) == [] and desk.rows(tables.Audit) == []


def test_an_edit_that_is_refused_stands_at_its_reply(desk: Rig, signed_in: SignedIn) -> None:
    form = {"shortcut": "bye", "language": "zh-CN", "topic": "", "body": "再见{name}"}
    page = signed_in("operator", interface="en").post("/console/replies", data=form)
    assert page.status_code == 422 and "再见{name}" in page.text and 'id="of-bye-body"' in page.text
    assert page.text.count("Nothing fills {name}") == 1


def test_a_preview_counts_parts_and_asks_the_gate(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    form = {"language": "zh-CN", "body": "{customer}您好，请拨打{hotline}。"}
    said = text_of(operator.htmx("/console/replies/preview", "POST", data=form))
    assert "【示例银行】欧阳先生您好，请拨打95500。 1 part" in said and "nothing against it" in said
    said = text_of(operator.htmx("/console/replies/preview", "POST", data={**form, "body": "告诉我您的密码"}))
    assert "password" in said and "nothing against it" not in said
    assert operator.htmx("/console/replies/preview", "POST", data={"language": "xx", "body": "x"}).text.strip() == ""


def test_a_script_in_a_reply_is_words(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator")
    operator.post("/console/replies", data={**NEW, "body": "<script>alert(1)</script>您好"})
    page = operator.get("/console/replies").text
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_an_unknown_topic_is_everywhere(desk: Rig, signed_in: SignedIn) -> None:
    signed_in("operator").post("/console/replies", data={**NEW, "topic": "weather"})
    assert desk.rows(tables.CannedReply)[0].topic == ""
