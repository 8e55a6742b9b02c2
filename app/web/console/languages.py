"""The interface's language and theme, and the words of it: one catalogue an area, so that each has its owner."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale

from app.web.console.doors import seat, service

AREAS = ("frame", "queue", "talk", "live", "calls", "office", "care", "results")
FOLDER = Path(__file__).parent / "translations"
LANGUAGES = {"zh-CN": "中文", "en": "English"}
LOCALES = {"zh-CN": "zh_CN", "en": "en"}
THEMES = ("auto", "light", "dark")
LANGUAGE_COOKIE, THEME_COOKIE = "console_language", "console_theme"


class _Areas(Domain):
    """Every area's catalogue as one. English is what stands in the code."""

    def get_translations(self) -> NullTranslations:
        return _words(get_locale().language)


class _Interface(Babel):
    domain_instance = _Areas(str(FOLDER))


@cache
def _words(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    joined = Translations()
    joined.plural = lambda _: 0  # Chinese has one form
    for area in AREAS:
        found = Translations.load(FOLDER, ["zh_CN"], area)
        if isinstance(found, Translations):  # else that area has no catalogue yet
            joined.merge(found)
    return joined


def language() -> str:
    """zh-CN or en: the person's own, else what was chosen on this machine, else as the browser asks, else Chinese."""
    held = seat()
    wanted = (held.agent.interface if held else "", request.cookies.get(LANGUAGE_COOKIE))
    for one in wanted:
        if one in LANGUAGES:
            return one
    asked = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh-CN")
    return "en" if asked == "en" else "zh-CN"


def theme() -> str:
    """auto, light or dark."""
    held = seat()
    wanted = held.agent.theme if held else request.cookies.get(THEME_COOKIE, "")
    return wanted if wanted in THEMES else "auto"


def speak(app: Flask) -> None:
    """Sets Flask-Babel up for the console's pages."""
    _Interface().init_app(
        app,
        default_locale="zh_CN",
        locale_selector=lambda: LOCALES[language()],
        timezone_selector=lambda: service().zone,
    )


def told() -> dict[str, Any]:
    """What every template knows about language and theme."""
    return {"language": language(), "languages": LANGUAGES, "theme": theme(), "themes": THEMES}
