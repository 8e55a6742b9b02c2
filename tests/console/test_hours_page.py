from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from app.store import tables
from tests.console.conftest import SignedIn, text_of
from tests.rig import Rig

PHONE = "+8613800138000"
WEEK = {f"week_{weekday}": "09:00-12:00, 13:30-18:00" for weekday in range(5)}


def week(**changed: str) -> dict[str, str]:
    return {**WEEK, "week_5": "", "week_6": "", "making_up": "09:00-12:00", **changed}


def option(desk: Rig, name: str) -> Any:
    return {row.name: row.value for row in desk.rows(tables.Option)}.get(name)


def test_the_page_shows_what_is_shipped(desk: Rig, signed_in: SignedIn) -> None:
    page = text_of(signed_in("operator").get("/console/hours", headers={"Accept-Language": "en"}))
    assert "Open now until" in page and "What the customer hears when nobody is there" in page
    assert "National Day" in page and "Make-up workday" in page and "announced" in page
    assert "estimated" in page  # the calendar of 2027 is not announced in June 2026


def test_a_week_holds_for_the_very_next_text(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    desk.customer(PHONE)
    with audited("working_hours.set", by="张主管"):
        answer = signed_in("supervisor").post("/console/hours/week", data=week(week_2="14：00～18"))
    assert answer.status_code == 303
    assert option(desk, "working_hours")["week"]["2"] == ["14:00-18:00"]
    said = desk.say(PHONE, "转人工")  # a Wednesday, 10:00
    assert said == ["【示例银行】现在人工休息，今天14:00上班。急事请致电95500。回复1预约回电 2不用了"]


def test_slots_of_callbacks_follow_the_hours(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(PHONE)
    signed_in("operator").post("/console/hours/week", data=week(week_2="16-18"))
    assert "今天16:00-17:00" in desk.say(PHONE, "今天给我回个电话")[0]
    today = {"first": "2026-06-10", "until": "2026-06-11", "kind": "closed"}
    assert signed_in("operator").post("/console/hours/days", data=today).status_code == 303
    assert "1)后天09:00-10:00 2)后天14:00-15:00" in desk.say("+8613800138001", "今天给我回个电话")[0]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("week_1", "九点到十二点", "九点-十二点 is not a period"),
        ("week_1", "09:00-25:00", "hours go from 00:00 to 23:59"),
        ("week_1", "09:00-09:00", "is empty"),
        ("week_1", "18:00-09:00", "ends before it starts"),
        ("week_1", "09:00-12:00, 11:00-13:00", "09:00-12:00 and 11:00-13:00 overlap"),
        ("making_up", "always", "is not a period"),
    ],
)
def test_a_wrong_period_is_named_at_its_field_and_nothing_is_lost(
    desk: Rig, signed_in: SignedIn, field: str, typed: str, sentence: str
) -> None:
    page = signed_in("operator", interface="en").post(
        "/console/hours/week", data=week(**{field: typed, "week_4": "8-9"})
    )
    assert page.status_code == 422 and sentence in text_of(page)
    assert f'value="{typed}"' in page.text and 'value="8-9"' in page.text
    assert desk.rows(tables.Option) == [] and desk.rows(tables.Audit) == []


def test_a_week_in_which_nobody_is_ever_there_is_refused(desk: Rig, signed_in: SignedIn) -> None:
    closed = dict.fromkeys(week(), "")
    page = signed_in("operator", interface="en").post("/console/hours/week", data={**closed, "making_up": "9-12"})
    assert page.status_code == 422 and "nobody would be there" in text_of(page)


def test_the_same_week_again_changes_nothing(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator")
    operator.post("/console/hours/week", data=week())
    with audited():
        operator.post("/console/hours/week", data=week())


def test_dates_are_added_joined_and_removed(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator", interface="en")
    with audited("closures.set", "closures.set", by="运营"):
        operator.post(
            "/console/hours/days",
            data={"first": "2026-06-19", "until": "2026-06-21", "kind": "open", "periods": "10-15", "note": "端午值班"},
        )
        operator.post("/console/hours/days", data={"first": "2026-06-24", "kind": "closed", "note": "<b>盘点</b>"})
    page = operator.get("/console/hours")
    assert "Fri 19 Jun – Sun 21 Jun 10:00-15:00 端午值班" in text_of(page)
    assert "&lt;b&gt;盘点&lt;/b&gt;" in page.text and "set by you" in text_of(page)
    desk.clock.set(datetime(2026, 6, 20, 3, 0, tzinfo=UTC))  # a holiday's Saturday, 11:00
    assert "已为您转接" in desk.say(PHONE, "转人工")[0]
    signed_in("operator").post("/console/hours/days/drop", data={"first": "2026-06-19", "last": "2026-06-21"})
    assert [one["day"] for one in option(desk, "closures")["days"]] == ["2026-06-24"]
    assert "人工休息" in desk.say("+8613800138001", "转人工")[0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first": "", "kind": "closed"}, "Choose a date."),
        ({"first": "soon", "kind": "closed"}, "Choose a date."),
        ({"first": "2026-06-09", "kind": "closed"}, "This day is over."),
        ({"first": "2026-06-12", "until": "2026-06-11", "kind": "closed"}, "The last day is before the first."),
        ({"first": "2026-06-12", "until": "2026-09-11", "kind": "closed"}, "At most 60 days at once."),
        ({"first": "2029-06-12", "kind": "closed"}, "At most two years ahead."),
        ({"first": "2026-06-12", "kind": "open", "periods": ""}, "Write when it is open"),
        ({"first": "2026-06-12", "kind": "open", "periods": "ten"}, "is not a period"),
        ({"first": "2026-06-12", "kind": "closed", "note": "n" * 61}, "At most 60 characters."),
    ],
)
def test_wrong_dates_are_named_at_their_field(
    desk: Rig, signed_in: SignedIn, typed: dict[str, str], sentence: str
) -> None:
    page = signed_in("operator", interface="en").post("/console/hours/days", data={"note": "盘点", **typed})
    assert page.status_code == 422 and sentence in text_of(page)
    assert f'value="{typed.get("note", "盘点")}"' in page.text
    assert desk.rows(tables.Option) == []


def test_two_closures_that_would_close_for_two_months_are_refused(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    operator.post("/console/hours/days", data={"first": "2026-07-01", "until": "2026-08-20", "kind": "closed"})
    page = operator.post("/console/hours/days", data={"first": "2026-08-21", "until": "2026-09-01", "kind": "closed"})
    assert page.status_code == 422 and "Nobody would be there" in text_of(page)
    assert option(desk, "closures")["days"][-1]["day"] == "2026-08-20"


def test_own_words_are_said_and_given_back(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator")
    words = {
        "language": "zh-CN",
        "key": "human.closed",
        "words": "{customer:hello}我们{opens:window}上班，急事拨{hotline}。[回复{options}]",
    }
    with audited("wording.set"):
        assert operator.post("/console/hours/words", data={**words, "act": "keep"}).status_code == 303
    assert "我们" not in str(desk.rows(tables.Audit)[-1].detail)
    desk.customer(PHONE)
    desk.clock.set(datetime(2026, 6, 10, 14, 0, tzinfo=UTC))
    assert desk.say(PHONE, "转人工") == ["【示例银行】王先生，我们明天09:00上班，急事拨95500。回复1预约回电 2不用了"]
    signed_in("operator").post("/console/hours/words", data={**words, "act": "shipped"})
    assert option(desk, "wording") == {}
    desk.say(PHONE, "2")
    assert desk.say(PHONE, "转人工")[0].startswith("【示例银行】现在人工休息")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Write what the customer is told."),
        ("致电{hotline}，余额{balance}[回复{options}]", "Nothing fills {balance} here."),
        ("致电{hotline}，回复{options}", "may be missing"),
        ("致电{hotline}[回复{options}", "A bracket is open"),
        ("请稍后再来", "Say what the customer can answer"),
        ("请把密码发给我们，致电{hotline}[回复{options}]", "password"),
    ],
)
def test_words_with_a_fault_are_not_kept(desk: Rig, signed_in: SignedIn, words: str, sentence: str) -> None:
    form = {"language": "zh-CN", "key": "human.closed", "words": words}
    operator = signed_in("operator", interface="en")
    page = operator.post("/console/hours/words", data={**form, "act": "keep"})
    assert page.status_code == 422 and sentence in text_of(page).replace("&#39;", "'")
    assert words in page.text and desk.rows(tables.Option) == []
    part = operator.htmx("/console/hours/words/preview", "POST", data=form)
    assert sentence in part.text.replace("&#39;", "'")


def test_a_preview_shows_every_way_with_its_parts(desk: Rig, signed_in: SignedIn) -> None:
    form = {"language": "en", "key": "human.sorry", "words": "Call {hotline}. [Reply {options}|Reply CALL]"}
    part = text_of(signed_in("operator", interface="en").htmx("/console/hours/words/preview", "POST", data=form))
    assert "[Demo Bank] Call 95500. Reply 1 Book a call, 2 Keep waiting 1 part" in part
    assert "[Demo Bank] Call 95500. Reply CALL 1 part" in part


@pytest.mark.parametrize("form", [{"language": "fr", "key": "human.closed"}, {"language": "en", "key": "quota.told"}])
def test_other_texts_are_nobodys_to_write_over(desk: Rig, signed_in: SignedIn, form: dict[str, str]) -> None:
    assert signed_in("operator").post("/console/hours/words", data={**form, "words": "x"}).status_code == 400


def test_a_plain_turn_reads_no_options(desk: Rig) -> None:
    said: list[str] = []
    event.listen(desk.service.database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    desk.customer(PHONE)
    desk.text(PHONE, "怎么还钱")
    assert said and not [one for one in said if "options" in one]


def test_a_closure_is_over_by_itself(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    operator.post("/console/hours/days", data={"first": "2026-06-11", "kind": "closed", "note": "盘点"})
    desk.clock.advance(days=2)
    assert "盘点" not in signed_in("operator").get("/console/hours").text


def test_callbacks_that_are_promised_for_a_closed_time_are_told(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(PHONE)
    desk.say(PHONE, "明天下午给我回个电话")
    assert "已预约明天" in desk.say(PHONE, "1")[0]
    operator = signed_in("operator", interface="en")
    operator.post("/console/hours/days", data={"first": "2026-06-12", "kind": "closed"})
    assert "is promised" not in text_of(operator.get("/console/hours"))
    operator.post("/console/hours/days", data={"first": "2026-06-11", "kind": "closed"})
    page = text_of(operator.get("/console/hours"))
    assert "1 callback is promised for a time when nobody is there" in page
