"""The programmes that the release brings, from `programmes/*.toml`: one file each. All are off until switched on.

purpose = "commercial"      # commercial · reminder · service
kind = "product"            # care · festival · product · activity · service
template = "settled"        # a key of app.care.library
priority = 60               # 0 to 100; of two that want the same day, the higher one has it
window = "any_day"          # of windows.toml; left out: that of product or segment
product = "consumer"        # what it offers
second_after_hours = 2      # when the template's second text follows; left out: never
converted_by = ["applied"]  # kinds of events, of events.toml
stop_at = 0.02              # share of refusals and complaints at which it stops itself
audience = [{ fact = "loan_product", is = "mortgage" }]
arms = [{ name = "a", template = "settled", share = 50 }, …]

[when]                      # one of fact, day and event: app.care.programme.When
[title]                     # in every language
[goal]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, get_args

from app.care import audience, library, windows
from app.care.checked import PURPOSES
from app.care.event_kinds import PRODUCTS, kinds
from app.care.fields import BadField, Fields
from app.care.placeholders import LANGUAGES
from app.care.programme import OPS, Arm, Condition, Programme
from app.care.template import Kind
from app.care.whens import read_when

FOLDER = Path(__file__).with_name("programmes")
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
_KNOWN = {
    *("purpose", "kind", "template", "priority", "window", "product", "second_after_hours", "converted_by", "stop_at"),
    *("audience", "arms", "when", "title", "goal"),
}


class BadProgramme(ValueError):
    """Names the file and the field, and says what to write instead."""


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Programme]:
    """By key, the name of the file. Raises `BadProgramme`, and `BadTemplate` for a template of the release."""
    return MappingProxyType(load(FOLDER))


def load(folder: Path) -> dict[str, Programme]:
    """The programmes of a folder by key, with templates of the release. Raises as `shipped` does."""
    found = {}
    for file in sorted(folder.glob("*.toml")):
        programme = read(file.read_text(encoding="utf-8"), file.name)
        _check_templates(programme, file.name)
        found[programme.key] = programme
    return found


def read(text: str, name: str) -> Programme:
    """One programme as TOML. `name`: of its file, `birthday.toml`. Raises `BadProgramme`."""
    try:
        return _read(name.removesuffix(".toml"), Fields(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as fault:
        raise BadProgramme(f"{name}: is not TOML: {fault}") from None
    except BadField as fault:
        raise BadProgramme(f"{name}: {fault}") from None


def _read(key: str, told: Fields) -> Programme:
    if not _KEY.fullmatch(key):
        raise BadField("the name of the file must be 2 to 40 small letters, digits and _, beginning with a letter")
    told.nothing_but(_KNOWN)
    kind: Kind = told.one_of("kind", get_args(Kind))
    return Programme(
        key=key,
        title=_in_languages(told, "title"),
        goal=_in_languages(told, "goal"),
        purpose=told.one_of("purpose", sorted(PURPOSES[kind])),
        kind=kind,
        when=read_when(told.table("when"), kind),
        template=told.text("template"),
        audience=tuple(_condition(one) for one in told.tables("audience")),
        priority=told.whole("priority", 0, 100, 50),
        window=told.one_of("window", sorted(windows.shipped()), ""),
        product=told.one_of("product", PRODUCTS, ""),
        arms=_arms(told),
        converted_by=told.some_of("converted_by", kinds()),
        second_after_hours=told.whole("second_after_hours", 1, 72, 0),
        stop_at=told.share("stop_at", 0.02),
    )


def _in_languages(told: Fields, name: str) -> Mapping[str, str]:
    words = told.table(name)
    words.nothing_but(LANGUAGES)
    return {language: words.text(language) for language in LANGUAGES}


def _condition(told: Fields) -> Condition:
    told.nothing_but(OPS | {"fact"})
    asked = sorted(OPS & told.keys())
    if len(asked) != 1:
        raise BadField(f"{told.where}: has {len(asked)} questions; ask one of {', '.join(sorted(OPS))}")
    value: Any = told[asked[0]]
    if asked[0] in ("known", "unknown") and value is not True:
        raise BadField(f"{told.where}.{asked[0]}: is {value!r}; write true")
    values = value if isinstance(value, list) else [] if value is True else [value]
    if not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in values):
        raise BadField(f"{told.where}.{asked[0]}: is {value!r}; write text, a number, or a list of them")
    condition = Condition(told.text("fact"), asked[0], tuple(str(one) for one in values))  # type: ignore[arg-type]
    if fault := audience.fault(condition):
        raise BadField(f"{told.where}: {fault}")
    return condition


def _arms(told: Fields) -> tuple[Arm, ...]:
    arms = []
    for one in told.tables("arms"):
        one.nothing_but(("name", "template", "share"))
        arms.append(Arm(one.text("name", 20), one.text("template"), one.whole("share", 1, 99)))
    if arms and (sum(one.share for one in arms) != 100 or len({one.name for one in arms}) != len(arms)):
        raise BadField("arms: must have different names and shares that make 100")
    return tuple(arms)


def _check_templates(programme: Programme, name: str) -> None:
    def bad(field: str, says: str) -> NoReturn:
        raise BadProgramme(f"{name}: {field}: {says}")

    for field, key in (
        ("template", programme.template),
        *((f"arms.{one.name}", one.template) for one in programme.arms),
    ):
        for language in LANGUAGES:
            template = library.shipped().get((key, language))
            if template is None:
                bad(field, f"there is no templates/{key}.toml with a section [{language}]")
            for said in ("kind", "purpose"):
                if getattr(template, said) != getattr(programme, said):
                    bad(
                        said, f"is {getattr(programme, said)!r}, but {key} is {getattr(template, said)!r}; say the same"
                    )
            if programme.second_after_hours and not template.second:
                bad("second_after_hours", f"{key} names no second text; leave it out, or give the template one")
