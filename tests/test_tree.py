"""What the tree promises: every command and setting is documented, and files stay small and portable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SKIPPED = {".git", ".venv", ".env", ".tools", ".hypothesis", "node_modules", "__pycache__", "instance"}
LONGEST = 300  # lines; a file is one thing, and one thing rarely needs more

# Homes and workplaces of one machine. Written with alternatives so that this file does not match itself.
ONE_MACHINE = re.compile(r"(?<![\w.~$}])/(?:root/|home/[a-z]|Users/[A-Za-z]|work(?:space)?/)")
BINARY = {".png", ".jpg", ".ico", ".woff2", ".gz", ".db", ".npz"}


def files() -> Iterator[Path]:
    """Every file that belongs to the project, caches and installed things left out."""
    for entry in sorted(CHECKOUT.iterdir()):
        yield from files_below(entry)


def files_below(entry: Path) -> Iterator[Path]:
    if entry.name in SKIPPED or entry.name.endswith("_cache"):
        return
    if entry.is_dir():
        for child in sorted(entry.iterdir()):
            yield from files_below(child)
    else:
        yield entry


def prose() -> str:
    """README and everything under docs/, in one string, line breaks and runs of spaces as one space."""
    pages = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
    return re.sub(r"\s+", " ", " ".join(page.read_text(encoding="utf-8") for page in pages))


def commands(group: click.Command, path: str) -> Iterator[str]:
    """`huifu migrate`, `huifu tickets claim`, …: every command that does something."""
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from commands(command, f"{path} {name}")
    else:
        yield path


def headings(page: Path) -> list[int]:
    """The level of each heading in order; lines inside code blocks are no headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#{1,6}) ", text, flags=re.MULTILINE)]


def documented(word: str, text: str) -> bool:
    """True when `word` stands there as a whole: HOST is not documented by BANK_HOST."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def test_every_command_is_documented() -> None:
    from app.cli import main

    text = prose()
    assert [command for command in commands(main, "huifu") if not documented(command, text)] == []


def test_every_setting_is_documented() -> None:
    from app.config import Settings

    text = prose()
    assert [name.upper() for name in Settings.model_fields if not documented(name.upper(), text)] == []


def test_every_setting_stands_in_the_example() -> None:
    from app.config import Settings

    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    assert [name.upper() for name in Settings.model_fields if not documented(name.upper(), example)] == []


def test_the_chinese_readme_follows_the_english_one() -> None:
    assert headings(CHECKOUT / "README.zh-CN.md") == headings(CHECKOUT / "README.md")


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/decisions.md"])
def test_the_page_is_there_and_says_something(page: str) -> None:
    assert len((CHECKOUT / page).read_text(encoding="utf-8").strip()) > 200


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(CHECKOUT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]
    assert broken == []


def test_no_path_of_one_machine_is_in_the_tree() -> None:
    told = []
    for file in files():
        if file.suffix not in BINARY:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            for number, line in enumerate(lines, start=1):
                if ONE_MACHINE.search(line):
                    told.append(f"{file.relative_to(CHECKOUT)}:{number}")
    assert told == []


def test_no_file_of_the_program_is_too_long() -> None:
    long = {}
    for file in (CHECKOUT / "app").rglob("*.py"):
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST:
            long[str(file.relative_to(CHECKOUT))] = lines
    assert long == {}


def test_these_tests_can_fail() -> None:
    assert ONE_MACHINE.search("cd /" + "root/huifu")
    assert not ONE_MACHINE.search("see https://example.com/home/page")
    assert documented("HOST", "`HOST` and `PORT`")
    assert not documented("HOST", "BANK_HOST")
    assert not documented("huifu run", "huifu run-all")
