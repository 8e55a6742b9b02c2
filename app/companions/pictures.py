"""A picture of what a step does on the phone, drawn as HTML tables: mail readers show no SVG, and many no images."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

CLAUSES = re.compile(r"[，。；;！]+|,\s+|\.\s+|[.。]$")
TAP = re.compile(r"^(?:点击|点|打开|进入|(?:then )?(?:open|tap|choose) )", re.IGNORECASE)

INK, SOFT, LINE, PAPER, MARK, MARKED = "#1f2933", "#616e7c", "#cbd2d9", "#ffffff", "#0b5cad", "#e6f0fa"
FONT = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class Screen:
    """`path`: what is tapped, one after the other. `does`: what is to be done where it leads."""

    path: tuple[str, ...]
    does: tuple[str, ...]


def screen_of(step: str) -> Screen:
    """Reads a step as guides write it: `手机银行首页>贷款>我的借款，选一笔借款`."""
    clauses = [clause.strip() for clause in CLAUSES.split(step) if clause.strip()]
    path: tuple[str, ...] = ()
    does = []
    for clause in clauses:
        if ">" in clause and not path:
            path = tuple(TAP.sub("", part.strip()) for part in clause.split(">") if part.strip())
        else:
            does.append(clause)
    return Screen(path, tuple(does))


def drawing(step: str, title: str) -> str:
    """The screen as HTML. Whoever has pictures read aloud hears nothing of it: the step stands above in words."""
    screen = screen_of(step)
    last = len(screen.path)
    rows = [_tap(n, name, n == last) for n, name in enumerate(screen.path, 1)]
    rows += [_task(words) for words in screen.does]
    bar = f"background:{MARK};color:{PAPER};font-size:14px;font-weight:bold;padding:10px 12px;text-align:center"
    return (
        f'<table role="presentation" aria-hidden="true" cellpadding="0" cellspacing="0" border="0" width="260" '
        f'style="width:260px;border:6px solid {INK};border-radius:22px;border-collapse:separate;background:{PAPER};'
        f'{FONT}">'
        f'<tr><td style="{bar};border-radius:14px 14px 0 0">{escape(title)}</td></tr>{"".join(rows)}'
        f'<tr><td style="height:14px;line-height:14px;font-size:1px">&nbsp;</td></tr></table>'
    )


def _tap(n: int, name: str, last: bool) -> str:
    look = f"background:{MARKED};color:{MARK};font-weight:bold" if last else f"color:{INK}"
    return (
        f'<tr><td style="{look};font-size:14px;padding:10px 12px;border-bottom:1px solid {LINE}">'
        f'<span style="color:{MARK};font-weight:bold">{n}</span>&nbsp;&nbsp;{escape(name)}&nbsp;&rsaquo;</td></tr>'
    )


def _task(words: str) -> str:
    return (
        f'<tr><td style="color:{SOFT};font-size:13px;line-height:1.5;padding:8px 12px">'
        f'<span style="color:{MARK}">&#10003;</span>&nbsp;&nbsp;{escape(words)}</td></tr>'
    )
