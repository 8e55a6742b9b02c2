"""The mail of a picture guide: numbered steps in words, and a drawing of the phone under each (A13)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from app.companions.pictures import FONT, INK, LINE, MARK, SOFT, drawing
from app.companions.port import Letter

WORDS = Path(__file__).with_name("letters.toml")


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide in one language, its placeholders filled."""

    title: str
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reader:
    """`name`: surname and title, or empty; never the full name, since whoever opens the mailbox is not proven."""

    to: str
    language: str
    name: str = ""


def letter(key: str, reader: Reader, guide: Guide, *, bank: str, hotline: str) -> Letter:
    """The whole mail, as text and as HTML. It tells no figure, loads nothing and has no link of ours in it."""
    words = _words()[reader.language]
    values = {
        "bank": bank,
        "hotline": hotline,
        "title": guide.title,
        "customer": reader.name,
        "size": str(len(guide.steps)),
    }
    hello = words["hello" if reader.name else "hello_anybody"]
    said = {name: text.format(**values) for name, text in {**words, "hello": hello}.items() if name not in {"step"}}
    steps = [(words["step"].format(n=n), step) for n, step in enumerate(guide.steps, 1)]
    return Letter(
        key=key,
        to=reader.to,
        subject=said["subject"],
        text=_text(said, steps),
        html=_html(said, steps, bank, reader.language),
        language=reader.language,
    )


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def _text(said: Mapping[str, str], steps: Sequence[tuple[str, str]]) -> str:
    listed = "\n".join(f"{name}  {step}" for name, step in steps)
    return f"{said['hello']}\n\n{said['intro']}\n\n{listed}\n\n{said['help']}\n\n--\n{said['why']}\n"


def _html(said: Mapping[str, str], steps: Sequence[tuple[str, str]], bank: str, language: str) -> str:
    shown = "".join(_step(name, step, said["screen"]) for name, step in steps)
    subject, hello, intro, help_, why = (escape(said[name]) for name in ("subject", "hello", "intro", "help", "why"))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{subject}</title></head>'
        f'<body style="margin:0;background:#f5f7fa;color:{INK};{FONT}">'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="max-width:560px;background:#ffffff"><tr><td style="padding:24px;text-align:left">'
        f'<p style="margin:0 0 16px;color:{MARK};font-weight:bold;font-size:18px">{escape(bank)}</p>'
        f'<p style="margin:0 0 8px;font-size:16px">{hello}</p>'
        f'<p style="margin:0 0 24px;font-size:16px;line-height:1.6">{intro}</p>{shown}'
        f'<p style="margin:24px 0;font-size:16px;line-height:1.6">{help_}</p>'
        f'<p style="margin:0;padding-top:16px;border-top:1px solid {LINE};color:{SOFT};font-size:13px;line-height:1.6">'
        f"{why}</p></td></tr></table></td></tr></table></body></html>"
    )


def _step(name: str, step: str, screen: str) -> str:
    return (
        f'<h2 style="margin:0 0 4px;font-size:16px;color:{MARK}">{escape(name)}</h2>'
        f'<p style="margin:0 0 12px;font-size:16px;line-height:1.6">{escape(step)}</p>'
        f'<div style="margin:0 0 24px">{drawing(step, screen)}</div>'
    )
