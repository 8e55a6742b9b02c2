"""Standard Webhooks: the published vector, another implementation, and everything that must not pass."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from app.companions.port import Forged
from app.companions.signature import TOLERANCE, headers, key_of, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = key_of(SECRET)
NOW = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'


def test_the_published_vector() -> None:
    """From the standard's reference libraries."""
    made = headers(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", NOW, BODY)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert verify(KEY, made, NOW, BODY) == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@given(st.binary(min_size=24, max_size=64), st.text(min_size=1, alphabet=st.characters(codec="ascii")), st.text())
def test_another_implementation_agrees(key: bytes, message_id: str, body: str) -> None:
    theirs = Webhook(f"whsec_{base64.b64encode(key).decode()}").sign(message_id, NOW, body)
    assert headers(key, message_id, NOW, body.encode())["webhook-signature"] == theirs


def test_the_other_implementation_lets_ours_in() -> None:
    now = datetime.now(UTC)
    Webhook(SECRET).verify(BODY, headers(KEY, "msg_1", now, BODY))


@pytest.mark.parametrize("late", [-TOLERANCE, TOLERANCE, timedelta(0)])
def test_a_clock_may_be_wrong_a_little(late: timedelta) -> None:
    verify(KEY, headers(KEY, "m", NOW, BODY), NOW + late, BODY)


@pytest.mark.parametrize("late", [-TOLERANCE - timedelta(seconds=1), TOLERANCE + timedelta(seconds=1)])
def test_an_old_call_and_one_from_the_future_are_refused(late: timedelta) -> None:
    with pytest.raises(Forged, match="too long ago"):
        verify(KEY, headers(KEY, "m", NOW, BODY), NOW + late, BODY)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "other"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1614265330.5"},
        {"webhook-timestamp": "-1614265330"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-timestamp": "１６１４２６５３３０"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,???"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1," + base64.b64encode(bytes(32)).decode()},
        {"webhook-signature": " ".join(["v1,AA=="] * 5000)},
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(Forged):
        verify(KEY, {**headers(KEY, "m", NOW, BODY), **change}, NOW, BODY)


def test_another_body_another_key_and_another_version_are_refused() -> None:
    made = headers(KEY, "m", NOW, BODY)
    asymmetric = {**made, "webhook-signature": made["webhook-signature"].replace("v1,", "v1a,")}
    for key, told, body in ((KEY, made, BODY + b" "), (bytes(24), made, BODY), (KEY, asymmetric, BODY)):
        with pytest.raises(Forged):
            verify(key, told, NOW, body)


def test_one_of_several_signatures_is_enough_and_names_have_any_case() -> None:
    made = headers(KEY, "m", NOW, BODY)
    told = {"Webhook-Id": "m", "Webhook-Timestamp": made["webhook-timestamp"]}
    told["Webhook-Signature"] = f"v1,AAAA v1a,BBBB {made['webhook-signature']}"
    assert verify(KEY, told, NOW, BODY) == "m"


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_" + "A" * 400]
)
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="must be whsec_"):
        key_of(secret)
