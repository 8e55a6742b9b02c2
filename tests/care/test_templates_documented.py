"""The page about templates names every text, placeholder and field."""

from __future__ import annotations

from pathlib import Path

from app.care.library import shipped
from app.care.placeholders import PLACEHOLDERS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")


def test_every_text_has_its_line() -> None:
    for (key, language), template in shipped().items():
        if language == "zh-CN" and not key.endswith("_again"):
            line = next((line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |")), "")
            told = [cell.strip() for cell in line.split("|")[2:-1]]
            replies = " · ".join(f"{reply.key} {reply.flow}" for reply in template.replies)
            second = f"`{template.second}`" if template.second else ""
            assert told == [template.scene, template.kind, template.purpose, replies, second], key


def test_every_placeholder_is_explained() -> None:
    assert [name for name in PLACEHOLDERS if f"`{{{name}}}`" not in PAGE] == []
