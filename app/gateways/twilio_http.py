"""The HTTP client under the `twilio` SDK: a timeout, room for many threads, an address of our choice."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

TWILIO_API: Final = "https://api.twilio.com"


class ApiClient(HttpClient):  # type: ignore[misc]  # the SDK ships no types
    """Sends what the SDK meant for Twilio's API to `api_url`. Safe for many threads; raises as `requests` does.

    The SDK's own client has no timeout and ten connections, and writes every URL to the log, with a list query the
    customer's number. It also reads the environment (proxies, certificates) at each request and guesses at the
    encoding of each answer, two fifths of what a send costs. Here the environment is read once.
    """

    def __init__(self, api_url: str, timeout: float, connections: int) -> None:
        super().__init__(logging.getLogger(__name__), False, timeout)
        self._api_url = api_url.rstrip("/")
        self._environment = _environment(self._api_url)
        # It must never repeat a request by itself.
        self._adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections, max_retries=0)

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: ARG002 -- never: a text that is redirected could leave twice
    ) -> Response:
        if url.startswith(TWILIO_API + "/"):
            url = self._api_url + url.removeprefix(TWILIO_API)
        asked = requests.Request(method.upper(), url, headers, data=data, params=params, auth=auth).prepare()
        if not (asked.url or "").startswith(("http://", "https://")):
            raise requests.exceptions.InvalidSchema("an address that is neither http nor https")
        answer = self._adapter.send(asked, timeout=timeout or self.timeout, **self._environment)
        return Response(answer.status_code, answer.content.decode("utf-8", "replace"), answer.headers)


def _environment(url: str) -> dict[str, Any]:
    """What the machine says of proxies and certificates; nothing for an address that no request can be made to."""
    with requests.Session() as session:
        try:
            told = session.merge_environment_settings(url, {}, None, None, None)
        except ValueError:
            return {}
    return {name: told[name] for name in ("proxies", "verify", "cert")}


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
