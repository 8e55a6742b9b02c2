"""Who opened a short link: a person, a messenger that draws a picture of the page, or a program.

Sources: the list of crawler-user-agents, uap-core's families of browsers (ua-parser), Sec-Purpose
(https://fetch.spec.whatwg.org/#sec-purpose-header) and the headers that browsers sent before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from app.store.links import Known

Kind = Literal["person", "preview", "bot"]

PREVIEWS = re.compile(
    r"WhatsApp|TelegramBot|facebookexternalhit|Facebot|Twitterbot|Slackbot|Slack-ImgProxy|Discordbot|LinkedInBot"
    r"|SkypeUriPreview|line-poker|Viber|kakaotalk-scrap|Snapchat|redditbot|MicroMessengerBot|WeChatShareExtension"
    r"|WeixinPreview|DingTalkBot|LarkUrl2Meta|Google-PageRenderer|Google.*snippet|BingPreview|Iframely|Embedly",
    re.IGNORECASE,
)
"""Programs that fetch a page because somebody sent its link on. iMessage calls itself facebookexternalhit."""
AHEAD = re.compile(r"\b(?:prefetch|prerender|preview)\b", re.IGNORECASE)
AHEAD_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
TOO_SOON = timedelta(seconds=1.5)
"""Between the gateway's word and a thumb: quicker is a scanner on the way."""
LONGEST = 400
"""Characters of a user agent that are read."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """`ahead`: it asks for what nobody looks at yet."""

    agent: str
    ahead: bool = False

    @classmethod
    def read(cls, method: str, headers: Mapping[str, str]) -> Visitor:
        ahead = method == "HEAD" or any(AHEAD.search(headers.get(name, "")) for name in AHEAD_HEADERS)
        return cls(headers.get("User-Agent", "").strip()[:LONGEST], ahead)


def kind_of(visitor: Visitor, link: Known | None = None, now: datetime | None = None) -> Kind:
    """A person is who is nothing else: a browser that asks for the page itself, after the text can have arrived."""
    kind = _by_agent(visitor.agent)
    if kind != "person":
        return kind
    if visitor.ahead:
        return "preview"
    return "bot" if link is not None and now is not None and not handed_long_ago(link, now) else "person"


def reader_of(agent: str) -> str:
    """The family, such as `Mobile Safari` or `WhatsApp`; empty when it is not known. Costs some milliseconds."""
    import ua_parser  # its lists are for whoever follows links, not for every process that starts

    found = ua_parser.parse(agent) if agent else None
    return found.user_agent.family[:80] if found and found.user_agent else ""


@lru_cache(maxsize=4096)
def _by_agent(agent: str) -> Kind:
    from crawleruseragents import is_crawler

    if PREVIEWS.search(agent):
        return "preview"
    # No browser hides its name.
    return "bot" if not agent or is_crawler(agent) else "person"


def handed_long_ago(link: Known, now: datetime) -> bool:
    """Whether whoever opens it may have read the text."""
    if link.handed_at is not None:
        return now - link.handed_at >= TOO_SOON
    return link.state not in {"queued", "sending"}
