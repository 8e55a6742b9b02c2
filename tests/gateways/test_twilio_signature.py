"""The table of `gateways.md` §1.3, row by row. Requests are signed by the SDK's own signer."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from app.gateways.port import Forged, WebhookRequest
from tests.gateways.harness import (
    ACCOUNT,
    BASE,
    CUSTOMER,
    SECONDARY,
    SIGNING_KEY,
    request_to,
    sign_as_twilio,
    twilio_gateway,
)

PATH = "/webhooks/twilio/inbound"
FORM = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "From": CUSTOMER, "Body": " 你好 "}
SHARED_KEY = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


def plain(form: Any = FORM, url: str = BASE + PATH) -> WebhookRequest:
    return replace(request_to(PATH, form), url=url)


def is_genuine(request: WebhookRequest, **settings: object) -> bool:
    try:
        twilio_gateway(**settings).verify(request)  # type: ignore[arg-type]
    except Forged:
        return False
    return True


def at(signed: str, received: str) -> WebhookRequest:
    """A request that was signed for one URL and is checked against another."""
    return sign_as_twilio(plain(url=received), url=signed)


QUERY = "?b=%E4%BD%A0&f=%7E&g=%2f"
HOST = BASE

URLS = {
    "the same": (HOST + PATH, HOST + PATH, True),
    "raw query": (HOST + PATH + QUERY, HOST + PATH + QUERY, True),
    "signed with :443": (f"{HOST}:443{PATH}", HOST + PATH, True),
    "received with :443": (HOST + PATH, f"{HOST}:443{PATH}", True),
    "received with :8443, signed without": (HOST + PATH, f"{HOST}:8443{PATH}", True),
    "signed with :8443, received without": (f"{HOST}:8443{PATH}", HOST + PATH, False),
    "percent-decoded query": (HOST + PATH + QUERY, HOST + PATH + unquote(QUERY), False),
    "http for https": (HOST + PATH, HOST.replace("https", "http") + PATH, False),
    "upper-case host": (HOST + PATH, "https://SMS.example.com" + PATH, False),
    "fragment left in": (HOST + PATH, HOST + PATH + "#rc=3", False),
    "user without port": (f"https://u:p@sms.example.com{PATH}", f"https://u:p@sms.example.com{PATH}", True),
}


@pytest.mark.parametrize(("signed", "received", "genuine"), URLS.values(), ids=URLS)
def test_the_url_counts_as_twilio_signed_it(signed: str, received: str, genuine: bool) -> None:
    assert is_genuine(at(signed, received)) is genuine


def test_the_algorithm_written_out_by_hand_agrees() -> None:
    """Names in byte order, distinct values sorted, nothing between them: not what the SDK says, what §1.3 says."""
    form = {"b": "x", "A": ["2", "1", "2"], "a": "", "B": "y"}
    signed = BASE + PATH + "A1A2" + "By" + "a" + "bx"
    signature = base64.b64encode(hmac.new(b"primary-token", signed.encode(), hashlib.sha1).digest()).decode()
    assert is_genuine(replace(plain(form), headers={"X-Twilio-Signature": signature}))
    in_order_of_arrival = BASE + PATH + "A2A1A2" + "By" + "a" + "bx"
    wrong = base64.b64encode(hmac.new(b"primary-token", in_order_of_arrival.encode(), hashlib.sha1).digest())
    assert not is_genuine(replace(plain(form), headers={"X-Twilio-Signature": wrong.decode()}))


CHANGES: dict[str, dict[str, Any]] = {
    "whitespace of the body stripped": FORM | {"Body": "你好"},
    "parameters of the query mixed in": FORM | {"b": "1"},
    "parameter left out": {name: value for name, value in FORM.items() if name != "From"},
    "second value added": FORM | {"Body": [" 你好 ", "STOP"]},
}


@pytest.mark.parametrize("received", CHANGES.values(), ids=CHANGES)
def test_the_form_counts_as_twilio_signed_it(received: dict[str, Any]) -> None:
    signed = sign_as_twilio(plain())
    assert not is_genuine(replace(plain(received), headers=signed.headers))


def test_the_order_of_duplicates_does_not_count() -> None:
    signed = sign_as_twilio(plain(FORM | {"MediaUrl": ["b", "a", "b"]}))
    assert is_genuine(replace(signed, form={**signed.form, "MediaUrl": ["a", "b"]}))


# Secrets and algorithms.


def test_both_tokens_hold_while_they_are_rotated() -> None:
    request = sign_as_twilio(plain(), SECONDARY)
    assert is_genuine(request)
    assert not is_genuine(request, auth_token_secondary=None)
    assert not is_genuine(sign_as_twilio(plain(), "a third"))


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_secondary_token_lets_nobody_in(empty: str | None) -> None:
    assert not is_genuine(sign_as_twilio(plain(), ""), auth_token_secondary=empty, signing_keys=("",))


def test_a_shared_key_signs_with_sha256() -> None:
    request = sign_as_twilio(plain(), SIGNING_KEY, "HMAC_SHA256", settings=SHARED_KEY)
    assert is_genuine(request)
    assert is_genuine(replace(request, headers={name.lower(): v for name, v in request.headers.items()}))
    assert not is_genuine(request, signing_keys=())
    assert not is_genuine(request, signing_keys=("another",))


def test_an_auth_token_may_sign_with_sha256_when_it_says_so() -> None:
    assert is_genuine(sign_as_twilio(plain(), algorithm="HMAC_SHA256", settings="algorithm=HMAC_SHA256"))


SETTINGS = {
    "sha256 that is not announced": ("HMAC_SHA256", None, False),
    "sha256 announced as sha1": ("HMAC_SHA256", "key=k,algorithm=HMAC_SHA1", False),
    "sha1 announced as sha256": ("HMAC_SHA1", SHARED_KEY, False),
    "unknown algorithm": ("HMAC_SHA1", "key=k,algorithm=HMAC_MD5", False),
    "no algorithm in the header": ("HMAC_SHA1", "key=k", True),
    "lower case": ("HMAC_SHA256", "key=k, algorithm=hmac_sha256", True),
    "nonsense": ("HMAC_SHA1", ",,=,algorithm=,", True),
}


@pytest.mark.parametrize(("algorithm", "settings", "genuine"), SETTINGS.values(), ids=SETTINGS)
def test_the_announced_algorithm_decides(algorithm: str, settings: str | None, genuine: bool) -> None:
    assert is_genuine(sign_as_twilio(plain(), algorithm=algorithm, settings=settings)) is genuine


def test_a_shared_key_does_not_sign_the_old_way() -> None:
    assert not is_genuine(sign_as_twilio(plain(), SIGNING_KEY))


# bodySHA256 belongs to webhooks whose body is not a form.

BODY = b'{"Body": "STOP"}'
BODY_URL = f"{BASE}{PATH}?bodySHA256={hashlib.sha256(BODY).hexdigest()}"


def _other_body(request: WebhookRequest) -> WebhookRequest:
    return replace(request, body=BODY + b" ")


BODIES: dict[str, tuple[str, Callable[[WebhookRequest], WebhookRequest], bool]] = {
    "hash fits": (BODY_URL, lambda request: request, True),
    "hash of another body": (BODY_URL, _other_body, False),
    "no hash": (BASE + PATH, lambda request: request, False),
    "two hashes of which the first fits": (f"{BODY_URL}&bodySHA256={'0' * 64}", lambda request: request, False),
}


@pytest.mark.parametrize(("url", "change", "genuine"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_form_is_held_by_its_hash(
    url: str, change: Callable[[WebhookRequest], WebhookRequest], genuine: bool
) -> None:
    signed = sign_as_twilio(replace(plain({}, url), body=BODY))
    assert is_genuine(change(signed)) is genuine


def test_a_hash_in_the_url_does_not_excuse_the_form() -> None:
    """A signature over a URL with a hash must not let a form through that nobody signed."""
    url_only = sign_as_twilio(replace(plain({}, BODY_URL), body=BODY))
    assert not is_genuine(replace(plain(FORM, BODY_URL), headers=url_only.headers, body=BODY))
    assert is_genuine(sign_as_twilio(plain(FORM, BODY_URL)))


# Whose text is it?


@pytest.mark.parametrize("account", ["AC" + "b" * 32, [ACCOUNT, "AC" + "b" * 32]])
def test_a_text_of_another_account_is_forged(account: str | list[str]) -> None:
    assert not is_genuine(sign_as_twilio(plain(FORM | {"AccountSid": account})))


def test_without_a_token_there_is_no_gateway() -> None:
    for missing in ("account_sid", "auth_token"):
        with pytest.raises(ValueError, match="Twilio needs"):
            twilio_gateway(**{missing: ""})
    with pytest.raises(ValueError, match="sender"):
        twilio_gateway(sender=None)


def test_a_strangers_header_is_not_written_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert not is_genuine(sign_as_twilio(plain(), settings="key=k,algorithm=FORGED-LINE"))
    assert "FORGED-LINE" not in caplog.text
