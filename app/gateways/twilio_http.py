"""The HTTP client under the `twilio` SDK: a timeout, room for many threads, an address of our choice."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

TWILIO_API: Final = "https://api.twilio.com"

# At INFO the SDK writes every URL, and with a list query the customer's number (`gateways.md` §3.4).
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


class ApiClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """Sends what the SDK meant for Twilio's API to `api_url`. Safe for many threads.

    The SDK's own default is no timeout at all, and ten connections; and it must never repeat a request by
    itself.
    """

    def __init__(self, api_url: str, timeout: float, connections: int) -> None:
        super().__init__(timeout=timeout, max_retries=None)
        self._api_url = api_url.rstrip("/")
        session = self.session
        assert session is not None
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if url.startswith(TWILIO_API + "/"):
            url = self._api_url + url.removeprefix(TWILIO_API)
        return super().request(method, url, *args, **kwargs)


def never_left(error: requests.RequestException) -> bool:
    """Is it certain that no byte of the request reached anybody? Then it may be sent again.

    True only for a connection that was never made (refused, no route, no such name, time out while
    connecting). A reset, an early end or a read timeout may come after the gateway has taken the text.
    """
    return any(isinstance(cause, NewConnectionError | ConnectTimeoutError) for cause in _causes(error))


def untrusted(error: requests.RequestException) -> bool:
    """Did the other side show a certificate that does not fit? Nothing was sent, and a person must look."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and everything it wraps: requests and urllib3 hide the cause in `args` and in `reason`."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (*current.args, getattr(current, "reason", None), current.__cause__)
        waiting.extend(each for each in inner if isinstance(each, BaseException))
