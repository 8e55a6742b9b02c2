"""The second channel: a signed webhook to the bank's bridge (a WeChat official account, say), and what it answers.
The contract is `docs/companions.md`."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from app.companions import signature
from app.companions.port import Malformed, Never, NotNow, Outcome, Taken, Unknown, Verdict

REQUESTED, ANSWERED = "confirmation.requested", "confirmation.answered"
SAID = ("confirmed", "declined", "undeliverable")
LONGEST_CONNECT = 3.0
LARGEST_ANSWER = 16 * 1024
"""Bytes that are read of an answer; its status is all that counts."""
LONGEST_PAUSE = 3600.0
CONFIGURED = frozenset({401, 403, 404, 405})
"""Statuses that tell of settings and not of one confirmation: a person mends them, and all that waited is told then."""
GOES_BY = frozenset({408, 409, 425, 429})


class Bridge:
    """Posts to one address. A repeat has the same `webhook-id`, and a receiver of the standard drops what it had."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        clock: Callable[[], datetime],
        timeout_seconds: float = 10.0,
        connections: int = 8,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        """`secret`: `whsec_…`; raises ValueError for another. `timeout_seconds` bounds each silence, and the whole."""
        self._url, self._clock, self._watch, self._timeout = url, clock, watch, timeout_seconds
        self._key = signature.key_of(secret)
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": "huifu", "Content-Type": "application/json"})
        self._session.headers["Accept-Encoding"] = "identity"
        self._session.auth = _no_netrc
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0))

    def tell(self, key: str, content: Mapping[str, Any]) -> Outcome:
        """`content` is the `data` of the call; `key` its id."""
        now = self._clock()
        told = {"type": REQUESTED, "timestamp": now.isoformat(), "data": dict(content)}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            answer = self._session.post(
                self._url,
                data=body,
                headers=signature.headers(self._key, key, now, body),
                timeout=(min(LONGEST_CONNECT, self._timeout), self._timeout),
                allow_redirects=False,
                stream=True,
            )
            with answer:
                self._drain(answer)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return _broke(error)
        return _meant(answer.status_code, answer.headers.get("Retry-After", ""))

    def read(self, headers: Mapping[str, str], body: bytes) -> Verdict:
        """Raises `Forged`, `Malformed`."""
        signature.verify(self._key, headers, self._clock(), body)
        try:
            told = json.loads(body)
            data = told["data"]
            token, said = data["confirmation"], data["verdict"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Malformed("needs JSON with data.confirmation and data.verdict") from None
        if told.get("type") != ANSWERED:
            raise Malformed(f"type must be {ANSWERED}")
        if said not in SAID:
            raise Malformed(f"data.verdict must be one of {', '.join(SAID)}")
        if not isinstance(token, str) or not 1 <= len(token) <= 64:
            raise Malformed("data.confirmation must be the id that was told")
        return Verdict(token, said)

    def _drain(self, answer: requests.Response) -> None:
        """So that the connection can be kept; never more than a little, and never for longer than all may take."""
        began, read = self._watch(), 0
        while chunk := answer.raw.read1(4096, decode_content=False):
            read += len(chunk)
            if read > LARGEST_ANSWER or self._watch() - began > self._timeout:
                return


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _meant(status: int, pause: str) -> Outcome:
    reason = f"http_{status}"
    if 200 <= status < 300:
        return Taken()
    if status in CONFIGURED or 300 <= status < 400:
        return NotNow(reason, channel=True)
    if status in GOES_BY or status >= 500:
        seconds = min(float(pause), LONGEST_PAUSE) if pause.isdecimal() else 0.0
        return NotNow(reason, channel=status != 409, seconds=seconds)
    return Never("gone" if status == 410 else reason)


def _broke(error: BaseException) -> Outcome:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return NotNow("certificate", channel=True)
    if any(isinstance(cause, NewConnectionError | ConnectTimeoutError) for cause in causes):
        return NotNow("no_connection", channel=True)
    return Unknown("no_answer")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and all that it wraps: requests and urllib3 hide the cause in `args` and in `reason`."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            inner = (*current.args, getattr(current, "reason", None), current.__cause__)
            waiting.extend(each for each in inner if isinstance(each, BaseException))
