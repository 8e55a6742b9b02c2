"""The contract of `app.gateways.port`, kept by every gateway."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app.gateways.port import (
    Accepted,
    Cause,
    Forged,
    Malformed,
    OutboundText,
    Refused,
    Status,
    Unsettled,
    WebhookRequest,
)
from tests.clock import Clock
from tests.gateways.harness import BANK, BASE, CUSTOMER, Harness

ODD_BODIES = {
    "chinese": "我还有多少额度？",
    "full width": "ＣＣ额度＃１２３４",
    "emoji": "好的😀👍🏽",
    "spaces are kept": "  TD \r\n\t",
    "empty": "",
    "plus, percent, ampersand": "1+1=2 & 100%",
    "control and zero-width": "T\u200bD\x07\u00ad\ufeff",
    "NUL": "T\x00D",
    "1600 characters": "额" * 1600,
}


def text(body: str = "您的可用额度50,000.00元", to: str = CUSTOMER, validity: float = 600) -> OutboundText:
    return OutboundText(7, to, body, timedelta(seconds=validity), f"{BASE}/webhooks/x/status/7")


# Reading what comes in.


@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES)
def test_a_signed_text_is_genuine_and_read_as_it_came(harness: Harness, body: str) -> None:
    request = harness.inbound(body=body)

    harness.gateway.verify(request)
    read = harness.gateway.read_inbound(request)

    assert (read.sender, read.recipient, read.body) == (CUSTOMER, BANK, body)
    assert read.gateway_id
    assert (read.media, read.parts, read.keyword, read.answerable) == (0, 1, None, True)
    assert read.raw == {name: tuple(values) for name, values in request.form.items()}


def test_every_value_of_every_parameter_is_kept(harness: Harness) -> None:
    plain = harness.inbound()
    request = harness.sign(replace(plain, form={**plain.form, "New": ["2", "1", "2"], "Empty": [""]}))

    harness.gateway.verify(request)

    raw = harness.gateway.read_inbound(request).raw
    assert (tuple(raw["New"]), tuple(raw["Empty"])) == (("2", "1", "2"), ("",))


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_header_names_count_in_any_case(harness: Harness, change: Callable[[str], str]) -> None:
    request = harness.inbound()
    harness.gateway.verify(replace(request, headers={change(name): v for name, v in request.headers.items()}))


def _with_form(**changes: object) -> Callable[[WebhookRequest], WebhookRequest]:
    return lambda request: replace(request, form={**request.form, **changes})


def _with_signature(signature: object) -> Callable[[WebhookRequest], WebhookRequest]:
    def change(request: WebhookRequest) -> WebhookRequest:
        headers = {name: (signature if "Signature" in name else v) for name, v in request.headers.items()}
        return replace(request, headers={name: v for name, v in headers.items() if v is not None})

    return change


FORGERIES: dict[str, Callable[[WebhookRequest], WebhookRequest]] = {
    "no signature": _with_signature(None),
    "empty signature": _with_signature(""),
    "signature of something else": _with_signature("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    "signature that is not ASCII": _with_signature("签名"),
    "signature that is no text": _with_signature(b"bytes"),
    "no headers": lambda request: replace(request, headers={}),
    "another body": lambda request: replace(request, form={n: [f"{v[0]}!"] for n, v in request.form.items()}),
    "one parameter more": _with_form(Extra=["1"]),
    "no form": lambda request: replace(request, form={}),
    "form of bytes": lambda request: replace(request, form=b"From=1"),  # type: ignore[arg-type]
    "form of text": lambda request: replace(request, form="From=1"),  # type: ignore[arg-type]
    "no form at all": lambda request: replace(request, form=None),  # type: ignore[arg-type]
    "values that are no lists": _with_form(Extra=None),
    "values that are bytes": _with_form(Extra=[b"\xff"]),
    "lone surrogate in a value": _with_form(Extra=["\ud83d"]),
    "lone surrogate in a name": _with_form(**{"\ud83d": ["1"]}),
    "another path": lambda request: replace(request, url=request.url + "/"),
    "another host": lambda request: replace(request, url=request.url.replace("sms.", "evil.")),
    "a query that was not signed": lambda request: replace(request, url=request.url + "?a=1"),
    "http for https": lambda request: replace(request, url=request.url.replace("https:", "http:")),
    "no URL": lambda request: replace(request, url=""),
    "a URL that cannot be parsed": lambda request: replace(request, url="https://[::1"),
    "a URL with a wrong port": lambda request: replace(request, url="https://sms.example.com:port/"),
    "GET": lambda request: replace(request, method="GET"),
    "a hash that covers nothing": lambda request: replace(
        request, url=request.url + "?bodySHA256=" + "0" * 64, body=b"{}", form={}
    ),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_whatever_the_gateway_did_not_sign_is_forged_and_nothing_else(
    harness: Harness, forge: Callable[[WebhookRequest], WebhookRequest]
) -> None:
    for request in (harness.inbound(), harness.receipt(next(iter(harness.statuses)))):
        with pytest.raises(Forged):
            harness.gateway.verify(forge(request))


@pytest.mark.parametrize("missing", ["id", "sender"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_text_without_id_or_sender_is_malformed(harness: Harness, missing: str, value: str | None) -> None:
    request = harness.inbound(**{missing: value})
    harness.gateway.verify(request)
    with pytest.raises(Malformed):
        harness.gateway.read_inbound(request)


@pytest.mark.parametrize("sender", ["95588", "BankAlert", "1069800095558", "+1", "+0123456789"])
def test_nobody_can_be_answered_at_a_short_code_or_a_name(harness: Harness, sender: str) -> None:
    read = harness.gateway.read_inbound(harness.inbound(sender=sender))
    assert (read.sender, read.answerable) == (sender, False)


def test_a_receipt_tells_its_status(harness: Harness) -> None:
    assert {Status.DELIVERED, Status.UNDELIVERED} <= set(harness.statuses.values())
    for word, status in harness.statuses.items():
        request = harness.receipt(word)
        harness.gateway.verify(request)
        receipt = harness.gateway.read_receipt(request, 7)
        assert (receipt.status, receipt.error_code, receipt.message_id) == (status, None, 7)
        assert receipt.gateway_id == request.first(harness.id_field)
        assert receipt.raw


def test_a_receipt_tells_its_error(harness: Harness) -> None:
    word = next(word for word, status in harness.statuses.items() if status is Status.UNDELIVERED)
    code = harness.codes[Cause.UNREACHABLE]
    receipt = harness.gateway.read_receipt(harness.receipt(word, code), None)
    assert (receipt.error_code, receipt.message_id) == (code, None)
    assert harness.gateway.judge(code) == Refused(code, Cause.UNREACHABLE, retry=True)


@pytest.mark.parametrize("status", ["", "received", "teleported"])
def test_a_receipt_with_another_status_is_malformed(harness: Harness, status: str) -> None:
    with pytest.raises(Malformed):
        harness.gateway.read_receipt(harness.receipt(status), 7)


def test_a_receipt_without_an_id_is_malformed(harness: Harness) -> None:
    request = harness.receipt(next(iter(harness.statuses)))
    form = {name: values for name, values in request.form.items() if name != harness.id_field}
    with pytest.raises(Malformed):
        harness.gateway.read_receipt(replace(request, form=form), 7)


def test_the_acknowledgement_is_a_success(harness: Harness) -> None:
    answer = harness.gateway.acknowledge()
    assert (answer.status, bool(answer.body), "/" in answer.content_type) == (200, True, True)


# Sending.


def test_an_accepted_text_has_an_id_of_its_own(harness: Harness) -> None:
    first, second = harness.gateway.send(text()), harness.gateway.send(text())
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert first.gateway_id != second.gateway_id
    assert first.status is Status.QUEUED


def test_a_refusal_for_opt_out_is_final(harness: Harness) -> None:
    harness.fail_next("opted_out")
    assert harness.gateway.send(text()) == Refused(harness.codes[Cause.OPTED_OUT], Cause.OPTED_OUT, retry=False)


def test_a_busy_gateway_may_be_asked_again(harness: Harness) -> None:
    harness.fail_next("busy")
    assert harness.gateway.send(text()) == Refused(harness.codes[Cause.BUSY], Cause.BUSY, retry=True)
    assert isinstance(harness.gateway.send(text()), Accepted)


def test_half_a_character_is_our_fault(harness: Harness) -> None:
    outcome = harness.gateway.send(text("\ud83d"))
    assert outcome == Refused("unencodable", Cause.OUR_FAULT)


def test_a_taken_text_whose_answer_was_lost_is_found(finder: Harness, clock: Clock) -> None:
    sent_at = clock()
    finder.fail_next("silence")
    assert isinstance(finder.gateway.send(text()), Unsettled)

    found = finder.gateway.look_up(text(), since=sent_at, taken=frozenset())

    assert isinstance(found, Accepted)
    # Another message that says the same owns it: then this one is not found.
    assert finder.gateway.look_up(text(), since=sent_at, taken=frozenset({found.gateway_id})) is None
    assert finder.gateway.look_up(text("别的"), since=sent_at, taken=frozenset()) is None
    assert finder.gateway.look_up(text(to="+8613800138001"), since=sent_at, taken=frozenset()) is None
    later = sent_at + timedelta(minutes=5)
    assert finder.gateway.look_up(text(), since=later, taken=frozenset()) is None


def test_a_text_that_got_lost_is_not_found(harness: Harness, clock: Clock) -> None:
    harness.fail_next("lost")
    assert isinstance(harness.gateway.send(text()), Unsettled)
    assert harness.gateway.look_up(text(), since=clock(), taken=frozenset()) is None


def test_of_two_texts_with_the_same_words_the_older_is_found_first(finder: Harness, clock: Clock) -> None:
    since = clock()
    first = finder.gateway.send(text())
    clock.advance(seconds=2)
    second = finder.gateway.send(text())
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    found = finder.gateway.look_up(text(), since=since, taken=frozenset())
    assert found is not None
    assert found.gateway_id == first.gateway_id
    found = finder.gateway.look_up(text(), since=since, taken=frozenset({first.gateway_id}))
    assert found is not None
    assert found.gateway_id == second.gateway_id


def test_many_threads_send_at_once(harness: Harness, clock: Clock) -> None:
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda n: harness.gateway.send(text(f"第{n}条")), range(64)))
    ids = {outcome.gateway_id for outcome in outcomes if isinstance(outcome, Accepted)}
    assert len(ids) == 64


@pytest.mark.parametrize("code", [None, "", "99999", "nonsense"])
def test_an_unknown_code_is_never_retried(harness: Harness, code: str | None) -> None:
    assert harness.gateway.judge(code) == Refused(code or "", Cause.UNKNOWN, retry=False)


def test_parts_are_counted(harness: Harness) -> None:
    assert [harness.gateway.count_parts(body) for body in ("你" * 70, "你" * 71, "a" * 160, "a" * 161)] == [
        1,
        2,
        1,
        2,
    ]
