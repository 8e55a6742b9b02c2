"""What the way to a handset demands of a text (B6): templates on file, constant links, the wording of refusal.

The data stands in `routes.toml`, with its sources. A text that its route does not carry is held as `route`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from app.rules.purpose import Purpose

FILE = Path(__file__).parent / "routes.toml"
_PAIR = re.compile(r"(?P<key>[a-z0-9_]+)@(?P<version>\d+)/(?P<language>[A-Za-z-]+)=(?P<id>\S+)")


class BadRoute(ValueError):
    """The message names the route or setting, and what to mend."""


class Chosen(Protocol):
    """What of the settings chooses a route."""

    @property
    def route(self) -> str: ...
    @property
    def route_templates(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`carries`: purposes of texts that start conversations. `closed_to`: beginnings of numbers that get none.
    `way_out`: by language, what ends an offer. `signs`: the platform puts the signature in front, and its gateway sends
    a text without ours. `templates`: ids that the platform gave, by (key, version, language)."""

    name: str
    carries: frozenset[Purpose]
    way_out: Mapping[str, str]
    closed_to: tuple[str, ...] = ()
    template_only: bool = False
    constant_links: bool = False
    signs: bool = False
    most_parts: int = 3
    most_chars: int = 1600
    templates: Mapping[tuple[str, int, str], str] = field(default_factory=lambda: MappingProxyType({}))

    def leaves_with(self, purpose: Purpose, language: str) -> str:
        """The way out that belongs behind a text: empty for what is no offer, and where the route has no wording."""
        return self.way_out.get(language, "") if purpose == "commercial" else ""

    def why_not(
        self, phone: str, purpose: Purpose, template: tuple[str, int, str], body: str = "", parts: int = 0
    ) -> str:
        """Why a text does not go this way, a sentence for who reads the log; empty when it does.

        `template`: key, version, language. `body`: signed, with the way out; without it, what can be told before the
        text is written."""
        return next(self._faults(phone, purpose, template, body, parts), "")

    def _faults(
        self, phone: str, purpose: Purpose, template: tuple[str, int, str], body: str, parts: int
    ) -> Iterator[str]:
        if purpose not in self.carries:
            yield f"{self.name} carries no {purpose} texts of a bank"
        if phone.startswith(self.closed_to):
            yield f"{self.name} carries none to such numbers"
        if purpose == "commercial" and template[2] not in self.way_out:
            yield f"{self.name} has no wording of refusal in {template[2]}"
        if self.template_only and template not in self.templates:
            key, version, language = template
            yield f"{self.name} has no id for {key}@{version}/{language} in ROUTE_TEMPLATES"
        if parts > self.most_parts or len(body) > self.most_chars:
            yield f"{self.name} takes at most {self.most_parts} parts and {self.most_chars} characters"


def route_of(gateway_name: str, settings: Chosen) -> Route:
    """The route of texts that leave by this gateway; ROUTE names another. Raises `BadRoute`."""
    name = settings.route or gateway_name
    if name not in ROUTES:
        raise BadRoute(f"ROUTE {name!r} is not known; use one of {', '.join(ROUTES)}")
    return replace(ROUTES[name], templates=_ids(settings.route_templates))


def _ids(told: str) -> Mapping[tuple[str, int, str], str]:
    found = {}
    for pair in filter(None, map(str.strip, told.split(","))):
        match = _PAIR.fullmatch(pair)
        if match is None:
            raise BadRoute(f"ROUTE_TEMPLATES has {pair!r}; write birthday_offer@2/zh-CN=SMS_123, a comma between two")
        found[match["key"], int(match["version"]), match["language"]] = match["id"]
    return MappingProxyType(found)


def read(path: Path = FILE) -> Mapping[str, Route]:
    """The routes of a file, by name. Raises `BadRoute`."""
    known = {one.name for one in fields(Route)} - {"name", "templates"}
    return MappingProxyType({name: _route(name, told, known) for name, told in _load(path).items()})


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadRoute(f"{path.name}: {error}") from error


def _route(name: str, told: Mapping[str, Any], known: set[str]) -> Route:
    if strange := told.keys() - known:
        raise BadRoute(f"routes.toml, [{name}]: {', '.join(sorted(strange))} is not a field of a route")
    if missing := {"carries", "way_out"} - told.keys():
        raise BadRoute(f"routes.toml, [{name}]: {', '.join(sorted(missing))} is missing")
    given = {**told, "carries": frozenset(told["carries"]), "closed_to": tuple(told.get("closed_to", ()))}
    return Route(name=name, **given)


ROUTES = read()
