"""Was this request signed by Twilio for us? (`gateways.md` §1.3)"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from app.gateways.port import Forged, WebhookRequest

# Checked before the SDK sees it: its own refusal writes the stranger's header into our log.
_ALGORITHMS: Final = {HMAC_SHA1: "sha1", HMAC_SHA256: "sha256"}


class _Form(dict[str, list[str]]):
    """What the SDK needs to see every value of a name; a plain mapping shows it only one."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


class _Secret:
    """A secret that signs. The SDK's validator works each signature out twice, with the URL's port and without, and
    reads the URL for that: a third of a millisecond. So the URL is first taken as it is, which is how nearly every
    genuine call was signed; whatever does not fit so is the validator's to judge."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()
        self.validator = RequestValidator(secret)

    def signed(self, signed: bytes, signature: str, algorithm: str) -> bool:
        made = b64encode(hmac.digest(self._key, signed, _ALGORITHMS[algorithm]))
        return hmac.compare_digest(made, signature.encode())


def _signed(url: str, form: Mapping[str, Sequence[str]]) -> bytes:
    """What Twilio signs: the URL, then names and values in order, each value of a name once."""
    told = [url]
    for name in sorted(form):
        values = form[name]
        told += (name, values[0]) if len(values) == 1 else [name + value for value in sorted(set(values))]
    return "".join(told).encode()


class TwilioSignature:
    """Checks signatures of one account.

    `tokens` are the account's auth tokens, primary first: while they are rotated either may have signed.
    `signing_keys` are the secrets of webhook shared keys, which sign with HMAC-SHA256 and announce it in a
    header.
    """

    def __init__(self, account_sid: str, tokens: Iterable[str], signing_keys: Iterable[str] = ()) -> None:
        self._account_sid = account_sid
        # An empty secret would let everybody sign.
        self._by_token = [_Secret(token) for token in tokens if token]
        self._by_key = [_Secret(key) for key in signing_keys if key]
        if not self._by_token:
            raise ValueError("Twilio's webhooks cannot be checked without an auth token")

    def verify(self, request: WebhookRequest) -> None:
        """Raises `Forged` unless Twilio signed `request` for our account; never anything else.

        Whatever is too odd to be read (no text, no URL, lone surrogates) is forged as well: Twilio does not
        send it.
        """
        try:
            genuine = self._is_genuine(request)
        except Exception as error:
            raise Forged("the request cannot be read well enough to check its signature") from error
        if not genuine:
            raise Forged("the signature does not fit")

    def _is_genuine(self, request: WebhookRequest) -> bool:
        # In a GET the parameters are signed as part of the URL and a form beside it is not signed at all.
        if request.method.upper() != "POST":
            return False
        signature = request.header(SIGNATURE_HEADER)
        settings = request.header(SIGNATURE_SETTINGS_HEADER)
        algorithm = get_signature_algorithm(settings).upper()
        if not signature or algorithm not in _ALGORITHMS:
            return False
        form = _Form((name, list(values)) for name, values in request.form.items())
        if not form and request.body and not _hash_fits(request):
            return False
        secrets = [*self._by_key, *self._by_token] if settings else self._by_token
        signed = _signed(request.url, form)
        if not any(secret.signed(signed, signature, algorithm) for secret in secrets) and not any(
            secret.validator.validate(request.url, form, signature, algorithm) for secret in secrets
        ):
            return False
        return _only(form, "AccountSid", self._account_sid)


def _hash_fits(request: WebhookRequest) -> bool:
    """A body that is not a form is signed through its hash in the URL. Two hashes are one too many."""
    hashes = parse_qs(urlsplit(request.url).query).get("bodySHA256", [])
    return len(hashes) == 1 and hmac.compare_digest(hashes[0].lower(), sha256(request.body).hexdigest())


def _only(form: Mapping[str, Sequence[str]], name: str, value: str) -> bool:
    """A sub-account signs with its own token and names itself, so another name is another's text."""
    return all(given == value for given in form.get(name, ()))
