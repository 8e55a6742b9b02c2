"""What a setting may say. Each check takes what was given and returns it as it is used, or raises ValueError with the
rest of a sentence that begins with the setting's name."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.companions.email import is_address, post_of
from app.companions.signature import key_of
from app.rules.purpose import RULES


def zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:
        raise ValueError(f"{name!r} is not a time zone; write it like Asia/Shanghai") from error
    return name


def database(url: str) -> str:
    try:
        driver = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ValueError("is not a database URL; write sqlite:///instance/huifu.db or postgresql://…") from error
    if driver not in {"sqlite", "postgresql"}:
        raise ValueError(f"{driver} is not supported; use sqlite or postgresql")
    return url


def redis(url: str) -> str:
    # Never quoted in the sentence: it may hold a password.
    if url and not re.fullmatch(r"rediss?://[^/\s]+(?::\d{1,5})?(?:/\d*)?(?:\?\S*)?|unix://(?:[^/\s]*@)?/\S+", url):
        raise ValueError("must be a URL like redis://localhost:6379/0, rediss://… or unix:///run/redis.sock")
    return url


def base_url(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a full URL like https://sms.example.com, as the gateway calls it")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must have no query, fragment or user name: gateways sign the plain URL")
    return url.rstrip("/")


def is_loopback(name: str) -> bool:
    """Whether a host name means this machine alone."""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def https(url: str) -> str:
    if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
        raise ValueError("must be an https:// link: customers are told to trust no other")
    return url


def short_link_base(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an https:// address like https://s.bank.example, without query, fragment and user")
    return url.rstrip("/")


def domains(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", name.lower()):
            raise ValueError(
                f"has {name!r}, which is no host name like bank.example.com; write no https:// and no path"
            )
    return tuple(name.lower() for name in names)


def api_tokens(pairs: tuple[str, ...]) -> tuple[str, ...]:
    # Neither names nor tokens are quoted: a token in the wrong place would look like a name.
    if not all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}:[A-Za-z0-9._~+/=-]{32,}", pair) for pair in pairs):
        raise ValueError("must be name:token pairs, commas between them; a token has 32 letters and digits or more")
    if any(len({pair.split(":", 1)[part] for pair in pairs}) < len(pairs) for part in (0, 1)):
        raise ValueError("has a name or a token twice; each system needs its own")
    return pairs


def smtp(url: str) -> str:
    # Never quoted in the sentence: it may hold a password.
    if url:
        post_of(url)
    return url


def mailbox(address: str) -> str:
    if address and not is_address(address):
        raise ValueError("must be a plain address like service@bank.example.com, without a name and without < >")
    return address


def bridge(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if not parts.hostname or parts.fragment or parts.username:
        raise ValueError("must be a full URL like https://wechat.bank.example.com/hooks, without user and fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError("must be an https:// address: what customers were offered travels there")
    return url


def webhook_secret(secret: str) -> str:
    # Never quoted in the sentence.
    if secret:
        key_of(secret)
    return secret


def bank_name(name: str) -> str:
    name = name.strip().strip("【】[]").strip()
    if not 1 <= len(name) <= 20:
        raise ValueError("must have 1 to 20 characters: every text begins with it in 【】")
    return name


def english_name(name: str) -> str:
    if not re.fullmatch(r"[ -~]{0,20}", name):
        raise ValueError("must have at most 20 plain Latin characters: others double the parts of English texts")
    return name


def host(name: str) -> str:
    if not re.fullmatch(r"[^\s/@]+", name):
        raise ValueError("must be an address or a name like 0.0.0.0, without http:// and without a path")
    return name


def telephone(number: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9-]{2,18}", number):
        raise ValueError("must be a phone number as customers dial it, like 95500 or +862155550000")
    return number


def sender(sender: str) -> str:
    if not re.fullmatch(r"(?:\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})?", sender):
        raise ValueError("must be a number like +15005550006, a short code, or a name of up to 11 letters")
    return sender


def service_sid(sid: str) -> str:
    if sid and not sid.startswith("MG"):
        raise ValueError("must begin with MG")
    return sid


def token(secret: str) -> str:
    # Never quoted in the sentence: what is wrong here may be right but for a space.
    if not re.fullmatch(r"[!-~]*", secret):
        raise ValueError("has a space, a line break or a character that no key has; it was probably not copied well")
    return secret


def key(secret: str) -> str:
    if secret != secret.strip():
        raise ValueError("begins or ends with a space or line break; it was probably not copied well")
    return secret


def carried(purposes: tuple[str, ...]) -> tuple[str, ...]:
    if "commercial" in purposes:
        raise ValueError("must not hold commercial: offers leave by their registered sender only")
    if not purposes or not set(purposes) <= set(RULES):
        raise ValueError("must be some of answer, code, reminder and service, with commas between them")
    return purposes


def whole(number: Any) -> Any:
    """The environment holds text, and a choice among numbers does not read it as one."""
    return int(number) if isinstance(number, str) and number.isdecimal() else number
