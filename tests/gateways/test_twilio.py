"""What is Twilio's own: keywords, channels, parameters of a send, and every way its API can fail."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from app.gateways.port import Accepted, Cause, Malformed, OutboundText, Refused, Status, Unsettled
from app.gateways.twilio import STATUSES
from tests.clock import Clock
from tests.gateways.harness import ACCOUNT, BANK, BASE, CUSTOMER, request_to, twilio_gateway
from tests.gateways.stand_in import TwilioStandIn

STATUS_URL = f"{BASE}/webhooks/twilio/status/7"


def text(body: str = "您的可用额度50,000.00元", validity: float = 600) -> OutboundText:
    return OutboundText(7, CUSTOMER, body, timedelta(seconds=validity), STATUS_URL)


def inbound(**form: str) -> tuple[str | None, str]:
    """The keyword and the sender that are read."""
    told = {"MessageSid": "SM1", "From": CUSTOMER, "To": BANK, **form}
    read = twilio_gateway().read_inbound(request_to("/webhooks/twilio/inbound", told))
    return read.keyword, read.sender


STOP_SET = ["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL", "stop", "StopAll"]


@pytest.mark.parametrize("body", STOP_SET)
def test_twilios_own_stop_words_are_its_to_answer(body: str) -> None:
    assert inbound(Body=body)[0] == "stop"


@pytest.mark.parametrize(
    ("body", "keyword"), [("START", "start"), ("unstop", "start"), ("HELP", "help"), ("Info", "help")]
)
def test_so_are_start_and_help(body: str, keyword: str) -> None:
    assert inbound(Body=body)[0] == keyword


@pytest.mark.parametrize("body", ["YES", "STOP PLEASE", "STOP!", "退订", "TD", "ſTOP", "ＳＴＯＰ", "", " "])
def test_anything_else_is_ours_to_answer(body: str) -> None:
    assert inbound(Body=body)[0] is None


@pytest.mark.parametrize(
    ("kind", "keyword"), [("STOP", "stop"), ("START", "start"), ("HELP", "help"), ("stop", "stop")]
)
def test_advanced_opt_out_names_the_keyword(kind: str, keyword: str) -> None:
    assert inbound(Body="退订", OptOutType=kind)[0] == keyword
    assert inbound(Body="YES", OptOutType=kind)[0] == keyword


def test_a_short_code_has_no_default_handling() -> None:
    assert inbound(Body="STOP", To="95588")[0] is None
    assert inbound(Body="STOP", To="whatsapp:" + BANK)[0] is None


@pytest.mark.parametrize("channel", ["whatsapp:", "rcs:"])
def test_a_channel_is_taken_off_the_number(channel: str) -> None:
    assert inbound(From=channel + CUSTOMER, Body="1")[1] == CUSTOMER


def test_pictures_and_parts_are_counted_and_nonsense_is_not() -> None:
    gateway = twilio_gateway()
    told = {"MessageSid": "MM1", "From": CUSTOMER, "NumMedia": "2", "NumSegments": "3"}
    read = gateway.read_inbound(request_to("/", told))
    assert (read.media, read.parts, read.body) == (2, 3, "")
    for nonsense in ("", "-1", "１", "9" * 5000, "x"):
        read = gateway.read_inbound(request_to("/", told | {"NumMedia": nonsense, "NumSegments": nonsense}))
        assert (read.media, read.parts) == (0, 1)


def test_a_fallback_delivery_reads_like_the_first() -> None:
    told = {"MessageSid": "SM1", "From": CUSTOMER, "Body": "1"}
    failed = told | {"ErrorCode": "11200", "ErrorUrl": f"{BASE}/webhooks/twilio/inbound"}
    first, again = (twilio_gateway().read_inbound(request_to("/", form)) for form in (told, failed))
    assert (first.gateway_id, first.body) == (again.gateway_id, again.body)
    assert again.raw["ErrorCode"] == ("11200",)


def test_the_older_names_of_the_id_are_known() -> None:
    for name in ("SmsMessageSid", "SmsSid"):
        read = twilio_gateway().read_inbound(request_to("/", {name: "SM1", "From": CUSTOMER}))
        assert read.gateway_id == "SM1"


def test_an_id_that_is_far_too_long_is_none() -> None:
    with pytest.raises(Malformed):
        twilio_gateway().read_inbound(request_to("/", {"MessageSid": "S" * 65, "From": CUSTOMER}))


def test_the_acknowledgement_is_empty_twiml() -> None:
    answer = twilio_gateway().acknowledge()
    assert answer.body == '<?xml version="1.0" encoding="UTF-8"?><Response />'
    assert answer.content_type == "text/xml"


def test_every_status_of_the_specification_is_known_or_never_sent_to_us() -> None:
    specification = (
        "queued sending sent failed delivered undelivered receiving received accepted scheduled read "
        "partially_delivered canceled"
    )
    assert set(specification.split()) - set(STATUSES) == {"receiving", "received"}


# Sending.


def test_a_send_says_what_twilio_must_know(stand_in: TwilioStandIn) -> None:
    twilio_gateway(stand_in.url).send(text())
    assert stand_in.requests == [
        {
            "To": [CUSTOMER],
            "From": [BANK],
            "Body": [text().body],
            "StatusCallback": [STATUS_URL],
            "ValidityPeriod": ["600"],
            "SmartEncoded": ["false"],
        }
    ]


def test_a_messaging_service_may_choose_the_sender(stand_in: TwilioStandIn) -> None:
    service = "MG" + "c" * 32
    twilio_gateway(stand_in.url, sender=None, messaging_service_sid=service).send(text())
    twilio_gateway(stand_in.url, messaging_service_sid=service).send(text())
    assert [(form.get("From"), form["MessagingServiceSid"]) for form in stand_in.requests] == [
        (None, [service]),
        ([BANK], [service]),
    ]


@pytest.mark.parametrize(
    ("asked", "sent"), [(-5, "1"), (0, "1"), (0.5, "1"), (59.9, "59"), (36_000, "36000"), (864_000, "36000")]
)
def test_the_validity_is_one_that_twilio_takes(stand_in: TwilioStandIn, asked: float, sent: str) -> None:
    twilio_gateway(stand_in.url).send(text(validity=asked))
    assert stand_in.requests[0]["ValidityPeriod"] == [sent]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((400, 21211), Refused("21211", Cause.BAD_NUMBER)),
        ((400, 21617), Refused("21617", Cause.OUR_FAULT)),
        ((401, 20003), Refused("20003", Cause.CONFIG)),
        ((400, 12345), Refused("12345", Cause.UNKNOWN)),
        ((429, 12345), Refused("12345", Cause.BUSY, retry=True)),
        (429, Refused("429", Cause.BUSY, retry=True)),
        (403, Refused("403", Cause.CONFIG)),
        (404, Refused("404", Cause.CONFIG)),
        (500, Unsettled("HTTP 500")),
        ((503, 20503), Unsettled("HTTP 503")),
        (408, Unsettled("HTTP 408")),
        (504, Unsettled("HTTP 504")),
    ],
)
def test_an_error_answer_has_one_meaning(
    stand_in: TwilioStandIn, answer: int | tuple[int, int], outcome: Refused | Unsettled
) -> None:
    stand_in.next_answers.append(answer)
    assert twilio_gateway(stand_in.url).send(text()) == outcome
    assert len(stand_in.requests) == 1


@pytest.mark.parametrize("answer", ["silence", "hangup", "<html>", "{}", "[]", "null", '{"sid": null}', '{"sid": ""}'])
def test_any_doubt_is_unsettled_and_nothing_is_repeated(stand_in: TwilioStandIn, answer: str) -> None:
    stand_in.next_answers.append(answer)
    assert isinstance(twilio_gateway(stand_in.url).send(text()), Unsettled)
    assert len(stand_in.requests) == 1


def test_a_status_that_is_new_to_us_is_still_a_success(stand_in: TwilioStandIn) -> None:
    stand_in.next_answers += ['{"sid": "SM1", "status": "pondering"}', '{"sid": "SM2", "status": "accepted"}']
    gateway = twilio_gateway(stand_in.url)
    assert gateway.send(text()) == Accepted("SM1", Status.QUEUED)
    assert gateway.send(text()) == Accepted("SM2", Status.ACCEPTED)


@pytest.fixture
def closed_port() -> str:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        port = held.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_a_text_that_never_left_may_be_sent_again(closed_port: str) -> None:
    for address in (closed_port, "http://no-such-host.invalid"):
        assert twilio_gateway(address).send(text()) == Refused("unreachable", Cause.BUSY, retry=True)


@pytest.fixture
def deaf_server() -> Iterator[str]:
    """A machine that does not answer the knock: the queue of its only port is full."""
    with socket.socket() as server, ExitStack() as callers:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_timeout_while_connecting_may_be_sent_again(deaf_server: str) -> None:
    outcome = twilio_gateway(deaf_server, timeout=0.1).send(text())
    assert outcome == Refused("unreachable", Cause.BUSY, retry=True)


def test_each_of_many_threads_keeps_its_connection(stand_in: TwilioStandIn, caplog: pytest.LogCaptureFixture) -> None:
    gateway, start = twilio_gateway(stand_in.url, timeout=60), threading.Barrier(32)

    def send(number: int) -> object:
        start.wait(60)
        return gateway.send(text(str(number)))

    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(send, range(32)))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert "pool is full" not in caplog.text


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_an_address_that_cannot_work_is_our_configuration(address: str) -> None:
    outcome = twilio_gateway(address).send(text())
    assert isinstance(outcome, Refused)
    assert (outcome.cause, outcome.retry) == (Cause.CONFIG, False)


@pytest.fixture
def untrusted_server(tmp_path: Path) -> Iterator[str]:
    """TLS with a certificate that nobody vouches for."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                context.wrap_socket(connection, server_side=True)
            except OSError:
                pass  # the client turns away, as it should

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        thread.join(60)


def test_a_certificate_that_nobody_vouches_for_is_told_to_a_person(untrusted_server: str) -> None:
    assert twilio_gateway(untrusted_server).send(text()) == Refused("certificate", Cause.CONFIG)


def test_a_silent_gateway_is_left_after_the_timeout(stand_in: TwilioStandIn) -> None:
    stand_in.next_answers.append("silence")
    outcome = twilio_gateway(stand_in.url, timeout=0.05).send(text())
    assert outcome == Unsettled("ReadTimeout")


# Looking up.


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "outbound-reply"},
        {"direction": "inbound"},
        {"body": text().body + " "},
        {"date_created": None},
        {"date_created": "Wed, 10 Jun 2026 01:00:00 +0000"},
        {"sid": None},
    ],
)
def test_only_a_text_of_ours_that_fits_in_all_is_found(
    stand_in: TwilioStandIn, clock: Clock, changes: dict[str, str | None]
) -> None:
    stand_in.take({"To": [CUSTOMER], "Body": [text().body]}, **changes)
    gateway = twilio_gateway(stand_in.url)
    assert gateway.look_up(text(), since=clock(), taken=frozenset()) is None
    stand_in.take({"To": [CUSTOMER], "Body": [text().body]}, sid="SM9", status="undelivered")
    assert gateway.look_up(text(), since=clock(), taken=frozenset()) == Accepted("SM9", Status.UNDELIVERED, clock())


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_gateway_that_cannot_be_asked_raises(stand_in: TwilioStandIn, clock: Clock, status: int) -> None:
    stand_in.list_answer = status
    with pytest.raises(OSError):
        twilio_gateway(stand_in.url).look_up(text(), since=clock(), taken=frozenset())


def test_a_gateway_that_is_not_there_raises(closed_port: str, clock: Clock) -> None:
    with pytest.raises(OSError):
        twilio_gateway(closed_port).look_up(text(), since=clock(), taken=frozenset())


# What must not be seen, and what must not be believed.


def test_no_number_and_no_words_reach_the_log(
    stand_in: TwilioStandIn, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gateway = twilio_gateway(stand_in.url)
    gateway.send(text())
    gateway.look_up(text(), since=clock(), taken=frozenset())
    assert CUSTOMER[3:] not in caplog.text
    assert text().body not in caplog.text


def test_the_environment_does_not_choose_another_host(stand_in: TwilioStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "f" * 32)
    assert isinstance(twilio_gateway(stand_in.url, account_sid=ACCOUNT).send(text()), Accepted)
