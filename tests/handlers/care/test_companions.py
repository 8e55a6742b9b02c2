"""What goes beside texts: mails with picture guides, and facts that are confirmed in a second channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.handlers.care.companions import LONGEST, notes, send_companions
from app.handlers.explain import explain_message
from app.store import companions, people, tables
from tests.companions.bridge import SECRET, Bridge, bridge
from tests.companions.postbox import Postbox, postbox
from tests.handlers.care.campaign import ANN, agrees, change, invited, message_of, planned, switch_on
from tests.rig import Rig

MakeRig = Callable[..., Rig]
ASK, BOX = "发邮件", "wangjianguo@mail.example.cn"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as found:
        yield found


@pytest.fixture
def peer() -> Iterator[Bridge]:
    with bridge() as found:
        yield found


@pytest.fixture
def bank(make_rig: MakeRig, box: Postbox) -> Rig:
    """Sends mail; Ann stands in a guide and has an address."""
    rig = make_rig(smtp_url=f"smtp://127.0.0.1:{box.port}", email_from="service@bank.example.cn")
    rig.customer(ANN, email=BOX)
    assert "要图文邮件回复YJ" in rig.say(ANN, "怎么提额")[-1]
    return rig


@pytest.fixture
def beside(make_rig: MakeRig, peer: Bridge) -> Rig:
    """Has a second channel; Ann is a VIP customer who agreed to offers."""
    rig = make_rig(second_channel_url=peer.url, second_channel_secret=SECRET)
    invited(rig, segment="vip", credit_limit=500000)
    switch_on(rig, "vip")
    return rig


def only(rig: Rig) -> Any:
    (row,) = rig.rows(tables.Companion)
    return row


def claimed_by_one_that_dies(rig: Rig) -> None:
    row = only(rig)
    with rig.service.database.begin() as connection:
        companions.take(connection, [row.id], rig.clock() + timedelta(minutes=3))


# ---- the picture guide --------------------------------------------------------------------------------------


def test_the_steps_are_sent_and_the_guide_goes_on(bank: Rig, box: Postbox) -> None:
    bank.say(ANN, "1")
    (said,) = bank.say(ANN, ASK)
    assert "w***@...cn" in said
    assert "wangjianguo" not in said
    assert "(2/3)" in said, "where Ann was"
    (letter,) = box.letters
    assert letter["To"] == BOX
    assert letter["Subject"] == "【示例银行】续期提额：图文步骤"
    text = letter.get_body(("plain",))
    assert text is not None
    assert "王先生，您好" in text.get_content()
    for secret in ("王建国", "50000", "50,000", "5360", "5,360", "8000"):
        assert secret not in str(letter.get_body(("html",)).get_content()) + text.get_content()  # type: ignore[union-attr]
    row = only(bank)
    assert (row.state, row.attempts, row.subject, row.sent_at) == ("sent", 1, "guide:renew_limit", bank.clock())
    assert BOX not in str(row.detail)
    assert "(3/3)" in bank.say(ANN, "1")[-1]


def test_in_english(make_rig: MakeRig, box: Postbox) -> None:
    rig = make_rig(smtp_url=f"smtp://127.0.0.1:{box.port}", email_from="service@bank.example.cn", bank_name_en="Demo")
    rig.customer(ANN, name="Wang Jianguo", language="en", email=BOX)
    assert "MAIL for pictures" in rig.say(ANN, "how do I renew my limit")[-1]
    (said,) = rig.say(ANN, "email me the steps")
    assert said.startswith("[Demo] The steps with pictures are on their way to w***@...cn")
    assert said.isascii(), "one odd character doubles the parts"
    assert box.letters[0]["Subject"] == "[Demo] renew your limit, step by step"
    assert "Hello Mr Wang," in str(box.letters[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_the_same_guide_goes_once_an_hour_and_not_for_ever(bank: Rig, box: Postbox) -> None:
    bank.say(ANN, ASK)
    assert "不久前已发往" in bank.say(ANN, "图文")[0]
    assert len(box.letters) == 1
    for _ in range(6):
        bank.wait(minutes=61)
        bank.say(ANN, "怎么提额")
        last = bank.say(ANN, ASK)[-1]
    assert "现在发不了邮件" in last
    assert len(box.letters) == 5


def test_without_an_address_the_steps_go_on_by_text(bank: Rig, box: Postbox) -> None:
    change(bank, tables.Customer, tables.Customer.customer_id == "C1", email="")
    (said,) = bank.say(ANN, ASK)
    assert "没有您的邮箱" in said
    assert "(1/3)" in said
    assert bank.rows(tables.Companion) == []


def test_a_number_of_two_customers_with_two_mailboxes_has_none(bank: Rig, box: Postbox) -> None:
    bank.customer(ANN, "C2", email="li@mail.example.cn")
    assert "没有您的邮箱" in bank.say(ANN, ASK)[0]
    change(bank, tables.Customer, tables.Customer.customer_id == "C2", email="")
    assert "正发往" in bank.say(ANN, ASK)[0]


def test_outside_of_a_guide_it_is_asked_which(bank: Rig, box: Postbox) -> None:
    bank.say(ANN, "停")
    assert "要哪一项的图文" in bank.say(ANN, ASK)[0]
    assert bank.rows(tables.Companion) == []


def test_a_bank_without_mail_offers_none_and_says_so(rig: Rig) -> None:
    rig.customer(ANN, email=BOX)
    assert "图文" not in rig.say(ANN, "怎么提额")[-1]
    assert "现在发不了邮件" in rig.say(ANN, ASK)[0]
    assert rig.rows(tables.Companion) == []


def test_a_greylisted_mail_is_tried_again(bank: Rig, box: Postbox) -> None:
    box.at_rcpt = "451 4.7.1 come back later"
    bank.say(ANN, ASK)
    row = only(bank)
    assert (row.state, row.reason, row.attempts) == ("queued", "smtp_451", 1)
    assert row.due_at > bank.clock()
    box.at_rcpt = ""
    bank.wait(minutes=2)
    assert (only(bank).state, only(bank).attempts, len(box.letters)) == ("sent", 2, 1)


def test_a_refused_mail_is_told_to_who_waits_for_it(bank: Rig, box: Postbox) -> None:
    box.at_rcpt = "550 5.1.1 no such user"
    said = bank.say(ANN, ASK)
    assert "没能发到w***@...cn" in said[-1]
    assert (only(bank).state, only(bank).reason) == ("failed", "smtp_550")
    asked = box.asked
    bank.wait(hours=5)
    assert box.asked == asked
    assert bank.answers(ANN) == []


def test_a_mail_of_which_nobody_can_tell_is_not_sent_twice(bank: Rig, box: Postbox) -> None:
    box.hangs_up = True
    bank.say(ANN, ASK)
    assert (only(bank).state, only(bank).reason) == ("failed", "outcome_unknown")
    bank.wait(hours=5)
    assert len(box.letters) == 1
    assert bank.answers(ANN) == [], "it may have arrived"


def test_nor_one_whose_worker_died(bank: Rig, box: Postbox) -> None:
    box.at_rcpt = "451 later"
    bank.say(ANN, ASK)
    box.at_rcpt = ""
    claimed_by_one_that_dies(bank)
    bank.wait(minutes=2)
    assert only(bank).state == "sending"
    bank.wait(minutes=2)
    assert (only(bank).state, only(bank).reason, box.letters) == ("failed", "outcome_unknown", [])


def test_what_is_late_is_told_and_sent_no_more(bank: Rig, box: Postbox) -> None:
    box.at_rcpt = "451 later"
    bank.say(ANN, ASK)
    for _ in range(12):
        bank.wait(minutes=30)
    assert only(bank).state == "failed"
    assert any("没能发到" in said for said in bank.answers(ANN))
    asked = box.asked
    bank.wait(hours=1)
    assert box.asked == asked


def test_the_number_may_be_somebody_elses_by_then(bank: Rig, box: Postbox) -> None:
    box.at_rcpt = "451 later"
    bank.say(ANN, ASK)
    box.at_rcpt = ""
    with bank.service.database.begin() as connection:
        people.disown(connection, ANN, "wrong_person", bank.clock())
    bank.wait(minutes=5)
    assert (only(bank).state, only(bank).reason, box.letters) == ("failed", "no_address", [])
    assert bank.answers(ANN) == []


def test_a_channel_that_is_away_rests_and_health_says_so(bank: Rig, box: Postbox) -> None:
    box.at_rcpt = "421 4.3.2 shutting down"
    bank.say(ANN, ASK)
    for _ in range(8):
        bank.wait(minutes=6)
    (note,) = notes(bank.service)
    assert note.startswith("e-mail rests since")
    assert "smtp_421" in note and note.endswith("1 wait")
    assert bank.web.get("/health/ready").get_json()["notes"] == [note]
    box.at_rcpt = ""
    bank.wait(minutes=30)
    assert only(bank).state == "sent"
    assert notes(bank.service) == []


# ---- the second channel -------------------------------------------------------------------------------------


def test_the_facts_are_told_after_the_text_was_handed_over(beside: Rig, peer: Bridge) -> None:
    text = planned(beside, programme="vip")
    beside.pump()
    assert peer.calls == [], "not before its text is surely out"
    beside.wait(minutes=1)
    ((headers, told),) = peer.calls
    row, message = only(beside), message_of(beside, text)
    data = told["data"]
    assert headers["webhook-id"] == data["confirmation"] == row.token
    assert data["text"] == message.body
    assert (data["message_id"], data["customer_id"], data["template"]) == (message.id, "C1", "vip")
    assert ANN not in str(told)
    assert (row.state, row.message_id) == ("sent", message.id)
    found = explain_message(beside.service.database, message.id)
    assert found is not None and found.beside[0].startswith("second template:vip: sent")


def test_only_texts_that_ask_for_it_are_confirmed(beside: Rig, peer: Bridge) -> None:
    switch_on(beside, "settled")
    planned(beside)
    beside.wait(minutes=1)
    assert (beside.rows(tables.Companion), peer.calls) == ([], [])


def test_without_a_second_channel_nothing_is_queued(rig: Rig) -> None:
    invited(rig, segment="vip", credit_limit=500000)
    switch_on(rig, "vip")
    planned(rig, programme="vip")
    rig.pump()
    assert len(rig.rows(tables.Message)) == 1
    assert rig.rows(tables.Companion) == []


def test_a_repeat_has_the_same_id(beside: Rig, peer: Bridge) -> None:
    peer.hangs_up = True
    planned(beside, programme="vip")
    for _ in range(3):
        beside.wait(minutes=3)
    assert len(peer.calls) >= 2
    peer.hangs_up = False
    beside.wait(minutes=30)
    assert len(set(peer.ids)) == 1
    assert len({str(told["data"]) for _, told in peer.calls}) == 1
    assert only(beside).state == "sent"


def test_nor_is_it_lost_with_its_worker(beside: Rig, peer: Bridge) -> None:
    planned(beside, programme="vip")
    beside.pump()
    claimed_by_one_that_dies(beside)
    beside.wait(minutes=4)
    assert (only(beside).state, len(peer.calls)) == ("sent", 1)


@pytest.mark.parametrize(("status", "reason"), [(410, "gone"), (400, "http_400"), (422, "http_422")])
def test_a_final_no_is_final(beside: Rig, peer: Bridge, status: int, reason: str) -> None:
    peer.status = status
    planned(beside, programme="vip")
    beside.wait(minutes=1)
    beside.wait(hours=3)
    assert (only(beside).state, only(beside).reason, len(peer.calls)) == ("failed", reason, 1)


def test_a_bridge_that_is_away_is_waited_for_until_it_is_too_late(beside: Rig, peer: Bridge) -> None:
    peer.status = 503
    planned(beside, programme="vip")
    for _ in range(80):
        beside.wait(minutes=30)
    row = only(beside)
    assert row.state == "failed"
    assert row.reason in {"http_503", "expired"}
    assert row.settled_at <= row.expires_at + LONGEST
    assert notes(beside.service)[0].startswith("the second channel rests")


def test_who_refuses_meanwhile_hears_of_the_offer_nowhere_else(beside: Rig, peer: Bridge) -> None:
    planned(beside, programme="vip")
    beside.pump()
    agrees(beside, ANN, "refused")
    beside.wait(minutes=1)
    assert (only(beside).state, only(beside).reason, peer.calls) == ("failed", "refused", [])


def test_nor_does_whoever_has_the_number_now(beside: Rig, peer: Bridge) -> None:
    planned(beside, programme="vip")
    beside.pump()
    with beside.service.database.begin() as connection:
        people.disown(connection, ANN, "wrong_person", beside.clock())
    beside.wait(minutes=1)
    assert (only(beside).state, only(beside).reason, peer.calls) == ("failed", "unbound", [])


@pytest.mark.parametrize("state", ["failed", "withheld", "withdrawn"])
def test_a_text_that_never_left_is_confirmed_nowhere(beside: Rig, peer: Bridge, state: str) -> None:
    planned(beside, programme="vip")
    beside.pump()
    change(beside, tables.Message, tables.Message.phone == ANN, state=state)
    beside.wait(minutes=1)
    assert (only(beside).state, only(beside).reason, peer.calls) == ("failed", "text_failed", [])


def test_a_text_that_waits_is_waited_for(beside: Rig, peer: Bridge) -> None:
    planned(beside, programme="vip")
    beside.pump()
    change(beside, tables.Message, tables.Message.phone == ANN, state="unsettled")
    beside.clock.advance(minutes=1)
    assert send_companions(beside.service) == 1
    assert (only(beside).state, only(beside).attempts, peer.calls) == ("queued", 0, [])
    assert send_companions(beside.service) == 0, "not again and again"
    change(beside, tables.Message, tables.Message.phone == ANN, state="handed")
    beside.clock.advance(minutes=1)
    assert send_companions(beside.service) == 1
    assert only(beside).state == "sent"
