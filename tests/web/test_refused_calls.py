"""Calls that are not genuine get 403, genuine ones that cannot be used 400; none is stored, none leaves a traceback."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote, unquote

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app.store import tables
from tests.gateways.harness import ACCOUNT, BASE, SECONDARY, SIGNING_KEY, TOKEN
from tests.web.line import FORM, INBOUND, STATUS, Line

SHARED = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
PATHS = pytest.mark.parametrize("path", [INBOUND, STATUS, f"{STATUS}/7"])


def is_refused(line: Line, answer: TestResponse, code: int = 403) -> bool:
    """Short plain words that tell a stranger nothing, and not a row anywhere."""
    words = {403: "forged", 400: "malformed"}[code]
    told = (answer.status_code, answer.mimetype, answer.text) == (code, "text/plain", words)
    return told and not any(line.state().values())


# The signature header.

SIGNATURES: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"X-Twilio-Signature": ""},
    "not base64": {"X-Twilio-Signature": "???"},
    "not ascii": {"X-Twilio-Signature": "签名"},
    "latin": {"X-Twilio-Signature": "\xff\xfe"},
    "very long": {"X-Twilio-Signature": "A" * 10_000},
    "right length": {"X-Twilio-Signature": "A" * 27 + "="},
    "unknown algorithm": {"X-Twilio-Signature": "A", "X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_MD5"},
    "odd settings": {"X-Twilio-Signature": "A", "X-Twilio-Webhooks-Signature-Settings": ",,==,algorithm"},
    "another gateway's": {"X-Simulator-Signature": "A" * 64},
}


@PATHS
@pytest.mark.parametrize("headers", SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_that_is_none(line: Line, path: str, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    assert is_refused(line, line.send(path, b"MessageSid=SM1&From=%2B8613800138000&Body=TD", encoded))


@PATHS
def test_a_signature_of_somebody_else(line: Line, path: str) -> None:
    assert is_refused(line, line.post(line.form("TD"), path, secret="another"))
    assert is_refused(line, line.post(line.form("TD"), path, secret=""))


def test_a_signature_for_another_path(line: Line) -> None:
    assert is_refused(line, line.post(line.form("TD"), f"{STATUS}/7", signed_url=f"{BASE}{STATUS}/8"))
    assert is_refused(line, line.post(line.form("TD"), INBOUND, signed_url=BASE + STATUS))


@pytest.mark.parametrize("secret", [TOKEN, SECONDARY])
def test_both_tokens_sign_while_they_are_rotated(line: Line, secret: str) -> None:
    assert line.post(line.form("TD"), secret=secret).status_code == 200


def test_a_shared_key_signs_with_sha256(line: Line) -> None:
    form = line.form("TD")
    assert line.post(form, secret=SIGNING_KEY, algorithm="HMAC_SHA256", headers=SHARED).status_code == 200


def test_sha256_that_is_not_announced_or_of_a_wrong_key(line: Line) -> None:
    form = line.form("TD")
    assert is_refused(line, line.post(form, secret=SIGNING_KEY, algorithm="HMAC_SHA256"))
    assert is_refused(line, line.post(form, secret="another", algorithm="HMAC_SHA256", headers=SHARED))
    assert is_refused(line, line.post(form, secret=SIGNING_KEY, headers=SHARED))


# The URL.

QUERY = "?b=%E4%BD%A0&f=%7E&g=%2f&h=a+b&i=%25"
WRONG_URLS = {
    "http": (INBOUND, "http://sms.example.com" + INBOUND),
    "another port": (INBOUND, "https://sms.example.com:8443" + INBOUND),
    "another host": (INBOUND, "https://evil.example.com" + INBOUND),
    "upper-case host": (INBOUND, "https://SMS.example.com" + INBOUND),
    "slash at the end": (INBOUND, BASE + INBOUND + "/"),
    "fragment": (INBOUND, BASE + INBOUND + "#rc=3"),
    "query left out": (INBOUND + QUERY, BASE + INBOUND),
    "query decoded": (INBOUND + QUERY, BASE + INBOUND + unquote(QUERY)),
    "query encoded anew": (INBOUND + QUERY, BASE + INBOUND + "?" + quote(unquote(QUERY[1:]), safe="=&")),
    "query in another order": (INBOUND + "?a=1&b=2", BASE + INBOUND + "?b=2&a=1"),
}


@pytest.mark.parametrize(("path", "signed"), WRONG_URLS.values(), ids=WRONG_URLS)
def test_a_signature_for_another_form_of_the_url(line: Line, path: str, signed: str) -> None:
    assert is_refused(line, line.post(line.form("TD"), path, signed_url=signed))


@pytest.mark.parametrize(
    ("path", "signed"),
    [(INBOUND + QUERY, BASE + INBOUND + QUERY), (INBOUND, "https://sms.example.com:443" + INBOUND)],
    ids=["raw query", "default port"],
)
def test_the_url_counts_as_it_was_signed(line: Line, path: str, signed: str) -> None:
    assert line.post(line.form("TD"), path, signed_url=signed).status_code == 200


def test_what_a_proxy_or_a_stranger_says_of_the_host_does_not_count(line: Line) -> None:
    lies = {"X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "http", "Host": "evil.example.com"}
    assert line.post(line.form("TD"), headers=lies).status_code == 200
    assert line.rows(tables.Inbound)
    form = line.form("TD")
    answer = line.post(form, headers=lies, signed_url="http://evil.example.com" + INBOUND)
    assert answer.status_code == 403


def test_a_chinese_query_as_raw_bytes(line: Line) -> None:
    signature = RequestValidator(TOKEN).compute_signature(f"{BASE}{INBOUND}?b=你", {})
    answer = line.web.post(
        INBOUND,
        environ_overrides={"QUERY_STRING": "b=你".encode().decode("latin-1")},
        headers={"X-Twilio-Signature": signature},
    )
    assert answer.status_code in {400, 403}


# The parameters.

FORGED_FORMS: dict[str, dict[str, Any]] = {
    "one more": {"Extra": "1"},
    "one changed": {"From": "+8613900139000"},
    "whitespace stripped": {"Body": "TD"},
    "a second value": {"Body": [" TD ", "HF"]},
}


@pytest.mark.parametrize("change", FORGED_FORMS.values(), ids=FORGED_FORMS)
def test_parameters_that_nobody_signed(line: Line, change: dict[str, Any]) -> None:
    form = line.form(" TD ")
    signature = RequestValidator(TOKEN).compute_signature(BASE + INBOUND, form)
    answer = line.web.post(INBOUND, data={**form, **change}, headers={"X-Twilio-Signature": signature})
    assert is_refused(line, answer)


def test_parameters_moved_from_the_form_to_the_query(line: Line) -> None:
    form = line.form("TD")
    signature = RequestValidator(TOKEN).compute_signature(BASE + INBOUND, form)
    answer = line.web.post(INBOUND, query_string=form, headers={"X-Twilio-Signature": signature})
    assert is_refused(line, answer)


def test_a_text_of_another_account(line: Line) -> None:
    assert is_refused(line, line.post(line.form("TD", AccountSid="AC" + "f" * 32)))


UNUSABLE: dict[str, dict[str, Any]] = {
    "no id": {"MessageSid": None, "SmsSid": None, "SmsMessageSid": None},
    "empty ids": {"MessageSid": "", "SmsSid": "", "SmsMessageSid": ""},
    "id far too long": {"MessageSid": "SM" + "1" * 1000},
    "no sender": {"From": None},
    "empty sender": {"From": " "},
}


@pytest.mark.parametrize("change", UNUSABLE.values(), ids=UNUSABLE)
def test_a_genuine_text_that_cannot_be_used(line: Line, change: dict[str, Any]) -> None:
    assert is_refused(line, line.post(line.form("TD", **change)), 400)


@pytest.mark.parametrize("status", ["", "received", "receiving", "delivered\x00", "已送达"])
def test_a_genuine_receipt_with_a_status_that_is_none(line: Line, status: str) -> None:
    form = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "MessageStatus": status}
    assert is_refused(line, line.post(form, STATUS), 400)
    assert is_refused(line, line.post({"AccountSid": ACCOUNT, "MessageStatus": "sent"}, STATUS), 400)


# Methods and bodies.


def signed(line: Line, path: str, body: bytes, content_type: str, url: str | None = None) -> TestResponse:
    """Signed over the URL alone, as Twilio does when the body is no form."""
    signature = RequestValidator(TOKEN).compute_signature(url or BASE + path, {})
    return line.send(path, body, {"X-Twilio-Signature": signature}, content_type)


JSON = b'{"MessageSid": "SM1", "From": "+8613800138000", "Body": "TD"}'
BOUNDARY = "multipart/form-data; boundary=x"
BODIES = {
    "json": (JSON, "application/json"),
    "json called a form": (JSON, FORM),
    "text": (b"TD", "text/plain"),
    "no type": (JSON, ""),
    "odd type": (JSON, "application/x-www-form-urlencoded; charset=utf-16"),
    "multipart": (b'--x\r\nContent-Disposition: form-data; name="Body"\r\n\r\nTD\r\n--x--\r\n', BOUNDARY),
    "multipart with a file only": (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nTD\r\n--x--\r\n',
        BOUNDARY,
    ),
    "broken multipart": (b"--x\r\nContent-Disposition: form-data", BOUNDARY),
    "multipart without boundary": (b"--x\r\n", "multipart/form-data"),
}


@PATHS
@pytest.mark.parametrize(("body", "content_type"), BODIES.values(), ids=BODIES)
def test_a_body_that_nobody_signed(line: Line, path: str, body: bytes, content_type: str) -> None:
    assert is_refused(line, signed(line, path, body, content_type))


@PATHS
@pytest.mark.parametrize("body", [b"\xff\xfe=\x00\xff", b"Body=\xc4\xe3\xba\xc3", b"\x00" * 64])
def test_bytes_that_are_no_utf8(line: Line, path: str, body: bytes) -> None:
    """GBK and worse."""
    assert is_refused(line, signed(line, path, body, FORM))


@PATHS
def test_an_empty_body_is_genuine_and_useless(line: Line, path: str) -> None:
    assert is_refused(line, signed(line, path, b"", FORM), 400)


def test_a_json_body_is_held_by_its_hash_and_is_no_text(line: Line) -> None:
    path = f"{INBOUND}?bodySHA256={hashlib.sha256(JSON).hexdigest()}"
    assert is_refused(line, signed(line, path, JSON, "application/json"), 400)
    assert is_refused(line, signed(line, path, JSON + b" ", "application/json"))


def test_a_signed_url_does_not_let_a_form_in(line: Line) -> None:
    path = f"{INBOUND}?bodySHA256={hashlib.sha256(JSON).hexdigest()}"
    assert is_refused(line, signed(line, path, b"MessageSid=SM1&From=%2B1&Body=TD", FORM))


@PATHS
def test_a_get_is_refused_however_it_is_signed(line: Line, path: str) -> None:
    """In a GET every proxy on the way keeps the customer's words in its log."""
    query = "?MessageSid=SM1&From=%2B8613800138000&Body=TD&MessageStatus=sent"
    signature = RequestValidator(TOKEN).compute_signature(BASE + path + query, {})
    answer = line.web.get(path + query, headers={"X-Twilio-Signature": signature})
    assert is_refused(line, answer)


@PATHS
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_no_other_method_does_anything(line: Line, path: str, method: str) -> None:
    assert line.web.open(path, method=method).status_code in {200, 403, 405}
    assert not any(line.state().values())


@PATHS
def test_a_huge_body_is_not_read(line: Line, path: str) -> None:
    form = {"MessageSid": "SM1", "From": "+8613800138000", "Body": "x" * 300_000}
    answer = line.post(form, path)
    assert answer.status_code == 413
    assert "Traceback" not in answer.text
    assert not any(line.state().values())


@PATHS
def test_very_many_parameters_are_read_or_refused(line: Line, path: str) -> None:
    form = line.form("TD", **{f"p{n}": "1" for n in range(5000)}, MessageStatus="sent")
    assert line.post(form, path).status_code in {200, 403, 413}


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/simulator/inbound",
        "/webhooks/simulator/status",
        "/webhooks/simulator/status/7",
        "/webhooks/x/inbound",
    ],
)
def test_another_gateways_path_is_not_here(line: Line, path: str) -> None:
    answer = line.post(line.form("TD"), path)
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert not any(line.state().values())


@pytest.mark.parametrize("path", ["/phone/", "/phone", "/"])
def test_the_phone_page_is_only_there_with_the_simulator(line: Line, path: str) -> None:
    assert line.web.get(path).status_code in {302, 404}
    assert line.web.get(path, follow_redirects=True).status_code == 404 or path == "/"
