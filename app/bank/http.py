"""What the bank knows, from the bank's own HTTP service. The contract is `docs/connect-your-bank.md`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from uuid import uuid4

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from app.bank.breaker import Breaker, Unanswered
from app.bank.facts import Misshapen, shaped
from app.bank.port import Answer, BankDown, Question

LONGEST_CONNECT = 2.0
"""Seconds; a bank in reach accepts a connection in milliseconds."""
LARGEST_BODY = 64 * 1024
"""Bytes; an answer has about two hundred."""
CHUNK = 8 * 1024


class Bearer(AuthBase):
    """As an auth object, not a header of the session: otherwise a .netrc of the machine would replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class HttpBank:
    """Asks `POST {url}/v1/questions`; safe for threads, which share one pool of connections.

    Proxies and private certificates are taken from HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE, as everywhere.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        timeout_seconds: float = 3.0,
        connections: int = 16,
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.monotonic,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        """`url` without a trailing slash. `timeout_seconds` bounds each silence, and the answer as a whole."""
        self._url = f"{url}/v1/questions"
        self._timeout = timeout_seconds
        self._breaker = breaker or Breaker()
        self._clock = clock
        self._new_id = new_id
        self._session = requests.Session()
        self._session.auth = Bearer(token)
        self._session.headers["User-Agent"] = "huifu"
        # The body is capped as it comes over the wire, so it must not be a compressed one.
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.headers["Accept"] = "application/json"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=connections))

    def answer(self, question: Question) -> Answer:
        """Raises `BankDown`; its reason holds the request's id and nothing about the customer."""
        request_id = self._new_id()
        try:
            with self._breaker.watching():
                return self._ask(question, request_id)
        except (BankDown, Unanswered) as fault:
            raise BankDown(f"{fault} (request {request_id})") from None

    def _ask(self, question: Question, request_id: str) -> Answer:
        started = self._clock()
        try:
            with self._post(question, request_id) as response:
                body = self._read(response, started)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise BankDown("no answer in time") from None
        except requests.exceptions.SSLError:
            raise BankDown("the certificate is not trusted") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise BankDown(f"no connection ({type(error).__name__})") from None
        if response.status_code != 200:
            raise _refusal(response.status_code, body)
        return _read_answer(question, body)

    def _post(self, question: Question, request_id: str) -> requests.Response:
        """A kept connection may have died unnoticed. Questions only read, so such a one is asked once more."""
        try:
            return self._send(question, request_id)
        except requests.ConnectionError as error:
            if isinstance(error, requests.Timeout) or not _hung_up(error):
                raise
            return self._send(question, request_id)

    def _send(self, question: Question, request_id: str) -> requests.Response:
        return self._session.post(
            self._url,
            json={"topic": question.topic, "customer_id": question.customer_id, "last4": question.last4},
            headers={"X-Request-Id": request_id},
            timeout=(min(LONGEST_CONNECT, self._timeout), self._timeout),
            allow_redirects=False,  # elsewhere, our token and the customer's id have no business
            stream=True,
        )

    def _read(self, response: requests.Response, started: float) -> bytes:
        """A read timeout only bounds a silence: one byte a second would keep us for hours."""
        body = b""
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            body += chunk
            if len(body) > LARGEST_BODY:
                raise BankDown(f"an answer of more than {LARGEST_BODY} bytes")
            if self._clock() - started > self._timeout:
                raise BankDown("no whole answer in time")
        return body


def _hung_up(error: requests.ConnectionError) -> bool:
    """The other side closed the connection before a byte of the answer came."""
    return bool(error.args) and isinstance(error.args[0], urllib3.exceptions.ProtocolError)


def _refusal(status: int, body: bytes) -> Exception:
    """The error's code is for our log, so it is taken only if it can hold nothing of a customer."""
    try:
        told = json.loads(body)["error"]["code"]
        code = told if re.fullmatch(r"[a-z_]{1,40}", told) else ""
    except (ValueError, KeyError, TypeError, RecursionError):
        code = ""
    if status == 404 and code == "unknown_customer":
        return Unanswered("the bank does not know the customer")
    return BankDown(" ".join(filter(None, ["HTTP", str(status), code])))


def _read_answer(question: Question, body: bytes) -> Answer:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise BankDown("an answer that is not JSON") from None
    if not isinstance(told, dict):
        raise BankDown("an answer that is not a JSON object")
    try:
        answer = shaped(question.topic, told.get("outcome"), told.get("facts", {}))
    except Misshapen as fault:
        raise BankDown(f"an answer with {fault}") from None
    if answer.outcome == "other_card" and question.last4 is None:
        raise BankDown("an answer about another card when none was named")
    return answer
