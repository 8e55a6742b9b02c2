"""A text comes in (A1): what is taken, what is kept of it, and what changes nothing."""

from __future__ import annotations

import pytest

from app.gateways.port import InboundText
from app.handlers.text_arrived import receive
from app.store import tables
from tests.gateways.harness import BANK, CUSTOMER
from tests.web.line import Line

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'


def test_a_text_is_acknowledged_with_an_empty_document(line: Line) -> None:
    answer = line.text("您好")
    assert (answer.status_code, answer.content_type, answer.text) == (200, "text/xml", EMPTY)
    (row,) = line.rows(tables.Inbound)
    assert (row.gateway, row.gateway_id, row.phone, row.recipient) == ("twilio", line.sid(1), CUSTOMER, BANK)
    assert (row.body, row.media, row.keyword, row.state, row.attempts) == ("您好", 0, "", "taken", 0)
    assert row.received_at == line.clock()


def test_the_answer_goes_through_the_rest_interface_and_names_its_message(line: Line) -> None:
    (words,) = line.say("ED")
    assert words.startswith("【示例银行】")
    (sent,) = line.twilio.requests
    (message,) = line.rows(tables.Message)
    assert sent["To"] == [CUSTOMER]
    assert sent["From"] == [BANK]
    assert sent["StatusCallback"] == [f"https://sms.example.com/webhooks/twilio/status/{message.id}"]
    assert 1 <= int(sent["ValidityPeriod"][0]) <= 600
    assert (message.state, message.gateway_id, message.inbound_id) == ("handed", line.twilio.messages[0]["sid"], 1)


def test_every_parameter_is_kept_also_the_ones_that_nobody_knows(line: Line) -> None:
    form = line.form("您好", NewParameter="一", Twice=["a", "b"], FromCity="", **{"参数 名": "值"})
    assert line.post(form).status_code == 200
    (row,) = line.rows(tables.Inbound)
    assert row.raw == {name: [value] if isinstance(value, str) else value for name, value in form.items()}


def test_a_repeat_is_acknowledged_again_and_changes_nothing(line: Line) -> None:
    form = line.form("退订")
    line.post(form)
    line.pump()
    before = line.state()
    for _ in range(3):
        again = line.post(form)
        assert (again.status_code, again.text) == (200, EMPTY)
        line.pump()
    assert line.state() == before
    assert len(line.twilio.requests) == 1


def test_a_repeat_with_other_words_is_still_a_repeat(line: Line) -> None:
    form = line.form("您好")
    line.post(form)
    before = line.state()
    assert line.post({**form, "Body": "退订"}).status_code == 200
    assert line.state() == before


@pytest.mark.parametrize("path", ["/webhooks/twilio/inbound", "/webhooks/twilio/inbound?fallback=1"])
def test_a_delivery_at_the_fallback_url_is_a_repeat_too(line: Line, path: str) -> None:
    form = line.form("ED")
    line.post(form)
    before = line.state()
    again = line.post(
        {**form, "ErrorCode": "11200", "ErrorUrl": "https://sms.example.com/webhooks/twilio/inbound"}, path
    )
    assert (again.status_code, again.text) == (200, EMPTY)
    assert line.state() == before


def test_a_text_that_comes_only_by_the_fallback_url_is_taken(line: Line) -> None:
    form = line.form("退订", ErrorCode="11205", ErrorUrl="https://sms.example.com/webhooks/twilio/inbound")
    line.post(form)
    assert [consent.scope for consent in line.rows(tables.Consent)] == ["commercial"]
    assert line.rows(tables.Inbound)[0].raw["ErrorCode"] == ["11205"]


def test_duplicate_parameters_are_signed_and_the_first_value_counts(line: Line) -> None:
    form = line.form(["您好", "退订", "您好"], MediaUrl0=["b", "a", "b"])  # type: ignore[arg-type]
    assert line.post(form).status_code == 200
    (row,) = line.rows(tables.Inbound)
    assert (row.body, row.raw["Body"], row.raw["MediaUrl0"]) == ("您好", ["您好", "退订", "您好"], ["b", "a", "b"])


# Bodies.

BODIES = {
    "empty": ("", ""),
    "blank": ("  \n\t ", "  \n\t "),
    "1600 characters": ("还" * 1600, "还" * 1600),
    "1600 digits in groups": ("12 " * 533 + "1", None),
    "1600 hash signs": ("#" * 1600, "#" * 1600),
    "outer spaces": ("  ED  ", "  ED  "),
    "controls": ("E\x07D\x1b\x7f", "E\x07D\x1b\x7f"),
    "zero width": ("退\u200b订\ufeff\u2060", "退\u200b订\ufeff\u2060"),
    "right to left": ("\u202e退订\u202c", "\u202e退订\u202c"),
    "nul": ("退\x00订", "退订"),
    "emoji": ("😀👍🏽👨‍👩‍👧", "😀👍🏽👨‍👩‍👧"),
    "percent and plus": ("1+1=2 100%25 & more", "1+1=2 100%25 & more"),
    "markup": ("<Response><Message>x</Message></Response>", "<Response><Message>x</Message></Response>"),
    "braces": ("{code} {hotline} [A|B]", "{code} {hotline} [A|B]"),
}


@pytest.mark.parametrize(("body", "kept"), BODIES.values(), ids=BODIES)
def test_any_body_is_stored_and_has_its_turn(line: Line, body: str, kept: str | None) -> None:
    assert line.text(body).status_code == 200
    (row,) = line.rows(tables.Inbound)
    assert row.state == "taken"
    if kept is not None:
        assert (row.body, row.raw["Body"]) == (kept, [kept])
    line.pump()
    for request in line.twilio.requests:
        assert request["Body"][0].startswith(("【示例银行】", "[Demo Bank] "))


@pytest.mark.parametrize("body", ["退\x00订", "退\u200b订\ufeff", "\x07退订\x1b", "ＴＤ\u3000"])
def test_a_refusal_is_understood_under_what_cannot_be_seen(line: Line, body: str) -> None:
    line.text(body)
    assert [(row.scope, row.verdict) for row in line.rows(tables.Consent)] == [("commercial", "refused")]


@pytest.mark.parametrize("escaped", [b"%ED%A0%BD", b"%FF%FE", b"%00", b"%ED%A0%BD%ED%B8%80"])
def test_bytes_that_are_no_text_never_break_us(line: Line, escaped: bytes) -> None:
    """A lone surrogate has no place in UTF-8. Whatever of it can be checked against the signature is taken."""
    body = b"MessageSid=SM1&From=%2B8613800138000&To=%2B15005550006&Body=" + escaped
    read = line.app.test_request_context(method="POST", data=body, content_type="application/x-www-form-urlencoded")
    with read as context:
        form = context.request.form.to_dict(flat=False)
    assert line.post(form).status_code == 200
    assert line.rows(tables.Inbound)[0].state == "taken"


@pytest.mark.parametrize(
    "text",
    [
        InboundText("SM1", CUSTOMER, BANK, "退\ud83d订", raw={"Body": ("退\ud83d订",), "\udc00x\x00": ("\x00",)}),
        InboundText("SM1\x00", CUSTOMER, BANK + "\ud800", "退订"),
        InboundText("SM1", "\ud800\x00BANK", BANK, "退订", answerable=False),
    ],
    ids=["body", "addresses", "sender"],
)
def test_lone_surrogates_and_nul_are_left_out_wherever_they_are(line: Line, text: InboundText) -> None:
    assert receive(line.service, text) == ("taken" if text.answerable else "kept")
    (row,) = line.rows(tables.Inbound)
    assert not set("\x00\ud83d\ud800\udc00") & set("".join([row.body, row.phone, row.gateway_id, str(row.raw)]))


def test_a_picture_is_answered_once_and_never_fetched(line: Line) -> None:
    media = {"NumMedia": "1", "MediaUrl0": f"{line.twilio.url}/steal", "MediaContentType0": "image/jpeg"}
    sid = "MM" + "1" * 32
    (words,) = line.say("", MessageSid=sid, SmsSid=sid, **media)
    assert "图片" in words
    (row,) = line.rows(tables.Inbound)
    assert (row.gateway_id, row.media, row.raw["MediaUrl0"]) == (sid, 1, [media["MediaUrl0"]])


def test_a_picture_with_words_is_read_by_its_words(line: Line) -> None:
    line.say("TD", NumMedia="1", MediaUrl0="https://api.twilio.com/x")
    assert [row.scope for row in line.rows(tables.Consent)] == ["commercial"]


@pytest.mark.parametrize("count", ["", "x", "-1", "99999999999999999999", "１"])
def test_a_count_of_pictures_that_is_none_is_no_fault(line: Line, count: str) -> None:
    assert line.text("您好", NumMedia=count, NumSegments=count).status_code == 200


def test_a_body_that_is_missing_is_an_empty_one(line: Line) -> None:
    assert line.post(line.form(None, NumMedia="1")).status_code == 200
    assert line.rows(tables.Inbound)[0].body == ""


# Senders.

NOBODY = {
    "short code": "95588",
    "alphanumeric": "MYBANK",
    "chinese name": "工商银行",
    "access number without plus": "106980095558",
    "our own number": BANK,
    "our own number by another channel": f"whatsapp:{BANK}",
    "name longer than any number": "rcs:" + "a_bank_agent_" * 6,
}


@pytest.mark.parametrize("sender", NOBODY.values(), ids=NOBODY)
@pytest.mark.parametrize("body", ["验证码 123456，请勿告诉他人", "STOP"])
def test_nobody_is_answered_who_cannot_read_it(line: Line, sender: str, body: str) -> None:
    assert line.text(body, From=sender).status_code == 200
    line.pump()
    assert line.rows(tables.Inbound)[0].state == "taken"
    assert line.twilio.requests == []
    assert line.rows(tables.Message) == line.rows(tables.Conversation) == line.rows(tables.Consent) == []


def test_a_number_of_a_pool_that_texts_itself_is_not_answered(line: Line) -> None:
    """With a messaging service our numbers stand in no setting."""
    line.text("您好", From="+15005550001", To="+15005550001")
    assert line.rows(tables.Conversation) == []


def test_a_repeat_of_a_text_that_nobody_answers_is_kept_once(line: Line) -> None:
    form = line.form("您好", From="95588")
    assert [line.post(form).status_code for _ in range(2)] == [200, 200]
    assert len(line.rows(tables.Inbound)) == 1


def test_a_channel_is_not_part_of_the_number(line: Line) -> None:
    line.text("TD", From=f"whatsapp:{CUSTOMER}", To=f"whatsapp:{BANK}")
    assert line.rows(tables.Consent)[0].phone == CUSTOMER


# Order.


def test_texts_of_one_number_take_effect_in_the_order_in_which_they_are_stored(line: Line) -> None:
    for body in ("TD", "HF", "TD", "HF"):
        line.text(body)
    consents = [(row.verdict, row.evidence) for row in line.rows(tables.Consent)]
    assert consents == [(verdict, f"inbound:{n}") for n, verdict in enumerate(["refused", "granted"] * 2, 1)]
