from __future__ import annotations

import re
from typing import Any

import pytest

from app.care.library import shipped
from app.handlers.care import templates as texts
from app.store import tables
from app.web.console.care.templates_edit import INNER, flows
from app.web.console.care.templates_named import FAULTS, PLACEHOLDERS, TYPES
from tests.console.conftest import Seat, SignedIn, text_of
from tests.handlers.talk import ANN, BEN
from tests.rig import Rig

HOME = "/console/care/templates"
BIRTHDAY = f"{HOME}/birthday"
NEW_WORDS = "{customer}，祝您生日快乐！愿您今天有人相伴。有事随时回复1约回电，客服{hotline}。"
FORM = {
    "begun": "0",
    "known": "0",
    "body": NEW_WORDS,
    "fallback_customer": "您好",
    "reply_key_0": "1",
    "reply_words_0": "回电",
    "reply_flow_0": "callback",
    "target": "",
    "act": "keep",
}


def hand_in(operator: Seat, **changed: str) -> Any:
    return operator.post(f"{BIRTHDAY}/zh-CN/edit", data={**FORM, **changed})


def judge(seat: Seat, act: str, version: int, reason: str = "", language: str = "zh-CN") -> Any:
    form = {"act": act, "version": str(version), "reason": reason}
    return seat.post(f"{BIRTHDAY}/{language}/judge", data=form)


def leaving(desk: Rig) -> str:
    with desk.service.database.begin() as connection:
        template = texts.approved(connection, "birthday", "zh-CN")
    return template.words if template else ""


@pytest.mark.parametrize("role", ["operator", "supervisor", "auditor"])
def test_every_text_is_listed_with_its_state_parts_and_cost(desk: Rig, signed_in: SignedIn, role: str) -> None:
    page = signed_in(role, interface="en").get(HOME)
    said = text_of(page)
    assert all(f'href="{HOME}/{key}"' in page.text for key, _ in shipped())
    assert "Product offer" in said and "English shipped" in said and "¥0.10" in said


def test_the_list_is_searched_and_filtered(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    assert "1 template" in text_of(operator.get(f"{HOME}?q=happy+spring+festival"))
    services = operator.get(f"{HOME}?kind=service").text
    assert f"{HOME}/overdue" in services and f'"{BIRTHDAY}"' not in services
    assert "No such template" in operator.get(f"{HOME}?state=draft").text
    hand_in(operator)
    waiting = operator.get(f"{HOME}?state=draft")
    assert f'"{BIRTHDAY}"' in waiting.text and "1 waits for approval" in text_of(waiting)
    assert "draft by 运营" in text_of(waiting)


def test_a_text_is_told_with_its_parts_placeholders_menu_and_who_uses_it(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN)
    said = text_of(signed_in("auditor", interface="en").get(f"{HOME}/birthday_offer?language=zh-CN"))
    for what in ("Core benefit", "Time limit", "{until}", "the last day", "Book a call", "birthday_offer_again"):
        assert what in said
    assert "【示例银行】王先生，生日快乐！" in said and f"…{ANN[-4:]}" in said
    assert "Birthday benefit" in said, "the programme that sends it"


def test_nobody_is_named_in_full_nor_by_number(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN)
    desk.customer(BEN, "C2", name="欧阳娜", title="女士")
    operator = signed_in("operator")
    for path in (BIRTHDAY, f"{BIRTHDAY}/zh-CN/edit"):
        page = operator.get(path).text
        assert "王先生" in page and "欧阳女士" in page
        assert not re.search(r"王建国|欧阳娜|C2\b", page) and ANN[3:] not in page and BEN[3:] not in page


def test_an_edit_waits_for_a_second_person_and_then_leaves(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    author, second = signed_in("operator"), signed_in("supervisor", interface="en")
    with audited("template.draft", by="运营"):
        assert hand_in(author).status_code == 303
    assert leaving(desk) == shipped()["birthday", "zh-CN"].words
    page = second.get(f"{BIRTHDAY}?language=zh-CN")
    assert "<ins>祝您</ins>" in page.text and "Version 1 waits for approval" in text_of(page)
    assert 'value="approve"' in page.text
    with audited("template.approve", by="张主管"):
        assert judge(second, "approve", 1).status_code == 303
    assert leaving(desk) == NEW_WORDS
    told = text_of(second.get(f"{BIRTHDAY}?language=zh-CN"))
    assert "approved · 张主管 · version 1" in told and "replaced" in told


def test_a_page_opens_in_the_language_in_which_something_waits(desk: Rig, signed_in: SignedIn) -> None:
    second = signed_in("supervisor", interface="en")
    assert (
        "happy birthday" in second.get(BIRTHDAY).text
        and 'aria-label="waits for approval"' not in second.get(BIRTHDAY).text
    )
    hand_in(signed_in("operator"))
    assert 'id="draft-1"' in second.get(BIRTHDAY).text
    english = second.get(f"{BIRTHDAY}?language=en").text
    assert 'id="draft-1"' not in english and 'aria-label="waits for approval"' in english


def test_an_author_does_not_approve_what_they_wrote(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    author = signed_in("operator", interface="en")
    hand_in(author)
    page = author.get(f"{BIRTHDAY}?language=zh-CN")
    assert 'value="approve"' not in page.text and "You wrote it" in text_of(page)
    with audited():
        answer = judge(author, "approve", 1)
        assert answer.status_code == 409 and "somebody else approves it" in text_of(answer)
    with audited("template.reject", by="运营"):
        assert judge(author, "reject", 1, "写错了").status_code == 303
    assert leaving(desk) == shipped()["birthday", "zh-CN"].words


def test_a_rejection_needs_its_reason_and_tells_it(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    hand_in(signed_in("operator"))
    second = signed_in("operator", name="小周", interface="en")
    with audited():
        answer = judge(second, "reject", 1, "  ")
        assert answer.status_code == 422 and "Say why" in text_of(answer)
    with audited("template.reject", by="小周"):
        judge(second, "reject", 1, "语气太随意")
    assert "语气太随意" in text_of(second.get(f"{BIRTHDAY}?language=zh-CN"))
    again = judge(second, "approve", 1)
    assert again.status_code == 409 and "Somebody else was faster" in text_of(again)


def test_a_retired_text_leaves_no_more(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator", interface="en")
    assert judge(operator, "retire", 0).status_code == 422
    with audited("template.retire", by="运营"):
        assert judge(operator, "retire", 0, "活动结束").status_code == 303
    assert leaving(desk) == ""
    said = text_of(operator.get(f"{BIRTHDAY}?language=zh-CN"))
    assert "Retired: nothing leaves" in said and "活动结束" in said
    assert judge(operator, "retire", 0, "再来一次").status_code == 409


def test_whoever_was_slower_loses_nothing_that_they_typed(desk: Rig, signed_in: SignedIn) -> None:
    faster, slower = signed_in("operator"), signed_in("operator", name="小周", interface="en")
    hand_in(faster)
    mine = "{customer}，生日快乐，万事如意！有事随时回复1约回电，客服{hotline}。"
    answer = hand_in(slower, body=mine)
    said = text_of(answer)
    assert answer.status_code == 409 and "运营 was faster: version 1 came while you wrote" in said
    assert mine in answer.text and "<del>" in answer.text
    assert 'name="known" value="1"' in answer.text and 'name="begun" value="0"' in answer.text
    assert hand_in(slower, body=mine, known="1").status_code == 303
    assert [row.version for row in desk.rows(tables.TemplateVersion)] == [1, 2]


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"body": "  "}, "body", "There are no words."),
        ({"body": NEW_WORDS + "欠款{amount_due}"}, "body", "customer&#39;s own figures"),
        ({"body": NEW_WORDS + "{nonsense}"}, "body", "Nothing fills this placeholder."),
        ({"body": NEW_WORDS + "}"}, "body", "A brace stands alone."),
        ({"body": "生日快乐。" * 100}, "body", "longer than any text"),
        ({"body": NEW_WORDS + "回复TD退订"}, "body", "tells how to refuse"),
        ({"body": NEW_WORDS + "{link}"}, "target", "both or neither"),
        ({"target": "http://bank.example.com"}, "target", "begins with https://"),
        ({"reply_key_0": ""}, "replies", "a reply that is not in its menu"),
        ({"reply_key_1": "TD", "reply_flow_1": "callback"}, "replies", "means the same everywhere"),
        ({"reply_flow_0": "nowhere"}, "replies", "no such flow"),
        ({"reply_key_1": "9", "reply_flow_1": "callback"}, "replies", "9: The text does not tell"),
    ],
)
def test_a_draft_with_a_fault_comes_back_with_its_sentence_and_all_that_was_typed(
    desk: Rig, signed_in: SignedIn, changed: dict[str, str], field: str, sentence: str
) -> None:
    answer = hand_in(signed_in("operator", interface="en"), **changed)
    assert answer.status_code == 422 and sentence in answer.text, text_of(answer)
    if field != "replies":
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    typed = " ".join({**FORM, **changed}["body"].split())
    assert typed in answer.text and 'value="回电"' in answer.text
    assert desk.rows(tables.TemplateVersion) == [] and desk.rows(tables.Audit) == []


def test_a_preview_while_typing_tells_words_parts_cost_and_what_the_gate_finds(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN)
    operator = signed_in("operator", interface="en")
    path = f"{BIRTHDAY}/zh-CN/preview"
    said = text_of(operator.htmx(path, "POST", data=FORM))
    assert "【示例银行】王先生，祝您生日快乐！" in said and "1 part · ¥0.05" in said and "nothing against it" in said
    bad = operator.htmx(path, "POST", data={**FORM, "body": "{customer}，最低利率，百分百通过"})
    assert "<mark>最低利率</mark>" in bad.text and "over_promise" in bad.text and "nothing against it" not in bad.text
    missing = text_of(operator.htmx(path, "POST", data={**FORM, "body": "{manager}为您服务"}))
    assert "It does not leave: nothing fills {manager}" in missing
    assert desk.rows(tables.TemplateVersion) == []


def test_without_scripts_the_preview_is_a_page(desk: Rig, signed_in: SignedIn) -> None:
    page = hand_in(signed_in("operator"), act="preview")
    assert page.status_code == 200 and NEW_WORDS in page.text and "祝您生日快乐" in text_of(page)
    assert desk.rows(tables.TemplateVersion) == []


def test_invented_customers_stand_in_and_can_be_chosen(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    assert "invented" in text_of(
        operator.htmx(f"{BIRTHDAY}/en/preview", "POST", data={**FORM, "body": "Hello {customer}"})
    )
    desk.customer(ANN)
    chosen = operator.htmx(f"{BIRTHDAY}/zh-CN/preview", "POST", data={**FORM, "sample": "8"})
    assert "invented" in text_of(chosen) and "王先生" not in chosen.text


def test_two_versions_are_compared(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    hand_in(operator)
    page = operator.get(f"{BIRTHDAY}?language=zh-CN&old=0&new=1")
    assert 'id="difference"' in page.text and "Version 1 against version 0" in text_of(page)
    assert 'id="difference"' not in operator.get(f"{BIRTHDAY}?language=zh-CN&old=0&new=77").text


def test_markup_in_a_text_is_words(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator")
    markup = "<script>alert(1)</script>" + NEW_WORDS
    shown = operator.htmx(f"{BIRTHDAY}/zh-CN/preview", "POST", data={**FORM, "body": markup}).text
    hand_in(operator, body=markup)
    for page in (
        shown,
        operator.get(BIRTHDAY).text,
        operator.get(f"{BIRTHDAY}/zh-CN/edit").text,
        operator.get(HOME).text,
    ):
        assert "<script>alert" not in page


@pytest.mark.parametrize("path", [f"{HOME}/nobody", f"{HOME}/nobody/zh-CN/edit", f"{BIRTHDAY}/fr/edit"])
def test_what_is_not_there_is_told(desk: Rig, signed_in: SignedIn, path: str) -> None:
    assert signed_in("operator").get(path).status_code == 404


def test_supervisors_and_auditors_see_no_way_to_write(desk: Rig, signed_in: SignedIn) -> None:
    hand_in(signed_in("operator"))
    auditor, supervisor = signed_in("auditor").get(BIRTHDAY).text, signed_in("supervisor").get(BIRTHDAY).text
    assert "/zh-CN/edit" not in auditor + supervisor
    assert 'value="approve"' in supervisor and 'value="retire"' in supervisor
    assert 'value="approve"' not in auditor and 'value="retire"' not in auditor


def test_everything_that_can_be_told_has_its_name() -> None:
    from app.care.placeholders import PLACEHOLDERS as KNOWN

    assert set(KNOWN) == set(PLACEHOLDERS) and {one.type for one in KNOWN.values()} <= set(TYPES)
    source = re.findall(
        r'Fault\(\s*(?:field|"[^"]*"),\s*"(\w+)"', _code("app/care/checked.py", "app/handlers/care/drafts.py")
    )
    assert set(source) - set(FAULTS) == set()


def test_flows_that_texts_lead_to_can_be_chosen(desk: Rig) -> None:
    led_to = {reply.flow for template in shipped().values() for reply in template.replies}
    with desk.app.test_request_context("/console/"):
        offered = {flow for flow, _ in flows()}
    assert led_to <= offered and not offered & INNER


def _code(*files: str) -> str:
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    return "\n".join((root / file).read_text(encoding="utf-8") for file in files)
