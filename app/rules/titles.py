"""How a customer is addressed: surname and title, never the full name (`domain.md`, how it should talk)."""

from __future__ import annotations

COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "司徒",
    "令狐",
    "长孙",
    "宇文",
    "夏侯",
)
_PINYIN = (
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang deng "
    "han feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren shen yao fan"
)
PINYIN_SURNAMES = frozenset(_PINYIN.split())
"""A Latin name that begins with one of these is written in Chinese order: Wang Jianguo is Mr Wang."""
ENGLISH = {"先生": "Mr", "女士": "Ms", "小姐": "Ms"}


def address(name: str, title: str, language: str) -> str:
    """("王建国", "先生", "zh-CN") -> 王先生; in English only a name in Latin letters: Mr Wang. Empty if unknown."""
    name, title = name.strip(), title.strip()
    if not name or not title:
        return ""
    if name.isascii():
        words = name.split()
        surname = words[0] if words[0].casefold() in PINYIN_SURNAMES else words[-1]
        return f"{ENGLISH.get(title, title)} {surname}"
    if language == "en":
        return ""
    surname = name[:2] if name.startswith(COMPOUND) and len(name) > 2 else name[0]
    return f"{surname}{title}"
