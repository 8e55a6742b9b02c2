"""A second gateway takes over while the first one rests: only what it may carry, and nothing that may have left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from app import create_app
from app.config import load_settings
from app.gateways.faults import Fault, Kind
from app.gateways.network import SIGNATURE_HEADER, sign
from app.handlers.text_leaves import drain
from app.handlers.text_looked_up import look_up_open
from app.rules.circuit import LIMIT
from app.store import consents, tables
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.handlers.moody import GONE, LOCKED_OUT, SICK, WELL, TwoGateways, phone
from tests.rig import KEY, URL, sqlite_url


@pytest.fixture
def two(tmp_path: Path, clock: Clock) -> Iterator[TwoGateways]:
    rig = TwoGateways(sqlite_url(tmp_path), clock)
    yield rig
    rig.close()


def by(two: TwoGateways, *numbers: int) -> list[str | None]:
    """Which gateway took the texts of these customers."""
    wanted = {phone(number) for number in numbers}
    return [row.gateway for row in two.rows(tables.Message) if row.phone in wanted]


def test_while_the_first_works_the_second_is_left_alone(two: TwoGateways) -> None:
    for number in range(30):
        two.queue(number)
    two.pump()
    assert (len(two.main.asked), len(two.other.asked)) == (30, 0)


def test_answers_move_over_and_come_back(two: TwoGateways) -> None:
    two.until_it_rests(GONE)
    for number in range(20):
        two.queue(number)
    two.pump()
    assert by(two, *range(20)) == ["standby"] * 20
    assert all("/webhooks/standby/status/" in text.status_url for text in two.other.asked)
    two.main.mood = WELL
    two.clock.advance(seconds=40)
    for number in (20, 21, 22):
        two.queue(number)
        two.pump()
    assert by(two, 20, 21, 22) == ["simulator"] * 3, "the first one is the trial"


def test_what_was_refused_for_the_gateways_sake_moves_too(two: TwoGateways) -> None:
    two.until_it_rests(GONE)
    assert [state for state, _ in two.states()] == ["queued"] * LIMIT
    two.wait(seconds=5)
    assert [state for state, _ in two.states()] == ["handed"] * LIMIT
    assert [text.message_id for text in two.other.asked] == [1, 2, 3, 4, 5]


def test_nobodys_text_is_a_trial_twice(two: TwoGateways) -> None:
    two.until_it_rests(GONE)
    for second in range(60):
        two.queue(second)
        two.wait(seconds=1)
    asked = [text.message_id for text in two.main.asked]
    assert len(asked) == len(set(asked))
    assert LIMIT + 3 <= len(asked) <= LIMIT + 8


@pytest.mark.parametrize("mood", [SICK, LOCKED_OUT], ids=["nobody knows", "refused for good"])
def test_what_may_have_left_or_may_not_be_repeated_never_moves(two: TwoGateways, mood: object) -> None:
    two.until_it_rests(mood)  # type: ignore[arg-type]
    two.wait(minutes=9)
    assert two.other.asked == []
    asked = [text.message_id for text in two.main.asked]
    assert len(asked) == len(set(asked))


def test_only_what_it_may_carry_moves(two: TwoGateways) -> None:
    two.until_it_rests(SICK)
    for number, purpose in enumerate(("commercial", "reminder", "service", "code", "answer")):
        two.queue(number, purpose, minutes=60)  # type: ignore[arg-type]
    two.pump()
    assert by(two, 0, 1, 2, 3, 4) == [None, None, None, "standby", "standby"]


def test_a_standby_that_fails_too_rests_too(two: TwoGateways) -> None:
    two.until_it_rests(SICK)
    two.other.mood = SICK
    for number in range(30):
        two.queue(number)
    two.pump()
    assert len(two.other.asked) == LIMIT


def test_the_gateway_that_has_a_text_is_asked_what_became_of_it(two: TwoGateways) -> None:
    two.until_it_rests(GONE)
    two.second.plan(Fault(Kind.LOST), phone(1))
    lost = two.queue(1)
    two.pump_once()
    two.clock.advance(seconds=45)
    look_up_open(two.service)
    assert (two.main.looked_up, two.other.looked_up) == ([], [lost])


def test_its_receipts_are_heard_under_its_own_name(two: TwoGateways) -> None:
    two.until_it_rests(SICK)
    sent = two.queue(1)
    two.pump()
    two.wait(seconds=2)
    (row,) = [row for row in two.rows(tables.Message) if row.id == sent]
    assert (row.gateway, row.state, row.status) == ("standby", "handed", 40)
    assert {receipt.gateway for receipt in two.rows(tables.Receipt) if receipt.message_id == sent} == {"standby"}


def test_a_silent_send_by_the_standby_is_proven_by_its_callback(two: TwoGateways) -> None:
    two.until_it_rests(SICK)
    two.second.plan(Fault(Kind.SILENT), phone(1))
    sent = two.queue(1)
    two.pump_once()
    two.wait(seconds=2)
    (row,) = [row for row in two.rows(tables.Message) if row.id == sent]
    assert (row.gateway, row.state) == ("standby", "handed")


def test_a_callback_of_the_other_gateway_proves_nothing(two: TwoGateways) -> None:
    two.network.plan(Fault(Kind.LOST), phone(1))
    sent = two.queue(1)
    drain(two.service)
    form = {"id": ["S1"], "status": ["delivered"]}
    path = f"/webhooks/standby/status/{sent}"
    assert two.post(path, form, {SIGNATURE_HEADER: sign(KEY, URL + path, form)}) == 200
    (row,) = [row for row in two.rows(tables.Message) if row.id == sent]
    assert (row.state, row.gateway, row.gateway_id) == ("unsettled", "simulator", None)


def test_a_text_to_the_standbys_number_is_a_text(two: TwoGateways) -> None:
    form = {
        "id": ["S2"],
        "from": [phone(1)],
        "to": ["+8610690095511"],
        "body": ["您好"],
        "parts": ["1"],
        "media": ["0"],
    }
    path = "/webhooks/standby/inbound"
    headers = {SIGNATURE_HEADER: sign(KEY, URL + path, form)}
    assert [two.post(path, form, headers) for _ in range(2)] == [200, 200]
    assert two.post(path, form, {SIGNATURE_HEADER: "forged"}) == 403
    (inbound,) = two.rows(tables.Inbound)
    assert (inbound.gateway, inbound.body) == ("standby", "您好")
    two.pump()
    assert by(two, 1) == ["simulator"], "it is answered by whichever gateway works"


def test_nobody_else_has_a_webhook(two: TwoGateways) -> None:
    assert two.post("/webhooks/pigeon/inbound", {}, {}) == 404


def test_a_refusal_that_one_hears_holds_on_both(two: TwoGateways) -> None:
    two.until_it_rests(GONE)
    two.second.block(phone(1))
    two.queue(1)
    two.pump()
    with two.service.database.begin() as connection:
        assert consents.verdict(connection, phone(1), "gateway") == "refused"
    two.main.mood = WELL
    two.clock.advance(seconds=40)
    for number in (2, 1, 3):
        two.queue(number)
    two.pump()
    assert [text.to for text in two.main.asked].count(phone(1)) == 0
    assert two.states()[-2] == ("withheld", "refused")
    assert two.states()[-1] == ("handed", "")


def test_each_twilio_account_is_verified_by_its_own_token(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "database_url": sqlite_url(tmp_path),
            "gateway": "twilio",
            "public_url": URL,
            "secret_key": KEY,
            "twilio_account_sid": "AC0",
            "twilio_auth_token": "token",
            "twilio_from": "+15005550006",
            "standby": "twilio",
            "standby_twilio_account_sid": "AC1",
            "standby_twilio_auth_token": "other",
            "standby_twilio_from": "+15005550007",
        }
    )
    upgrade(settings.database_url)
    app = create_app(settings)
    web, form = app.test_client(), {"MessageSid": "SM1", "From": phone(1), "To": "+15005550007", "Body": "您好"}

    def post(gateway: str, token: str, account: str) -> int:
        path, signed = f"/webhooks/{gateway}/inbound", {**form, "AccountSid": account}
        signature = RequestValidator(token).compute_signature(URL + path, signed)
        return web.post(path, data=signed, headers={"X-Twilio-Signature": signature}).status_code

    assert post("standby", "token", "AC1") == 403
    assert post("twilio", "other", "AC0") == 403
    assert post("standby", "other", "AC1") == 200
    assert app.extensions["huifu"].own_numbers == {"+15005550006", "+15005550007"}
    app.extensions["huifu"].database.close()
