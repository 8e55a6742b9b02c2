"""The console's Chinese: `python -m tools.translations [AREA …]` brings the .po files up to date and compiles them.

`--check` changes nothing and fails when a message has no translation, a catalogue is not what the code says, or a .mo
is not what its .po says. Both are committed, so that a clone runs as it is.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from gettext import GNUTranslations
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.web.console.languages import AREAS, FOLDER

CONSOLE = Path(__file__).resolve().parents[1] / "app" / "web" / "console"
CHINESE = FOLDER / "zh_CN" / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
ALWAYS = datetime(2026, 11, 1, tzinfo=UTC)  # a catalogue that says the same is the same file

# Which area a module, or a folder of templates, belongs to: `talk` has talk_shown.py as well. Of folders the inner one
# decides. Templates that lie in no folder are the frame's.
OF = {
    "frame": "account doors errors factor frame home languages limits navigation password sign_in status ways",
    "queue": "queue names words",
    "talk": "talk composer transcript refusals",
    "live": "live stream changes feed attendance",
    "calls": "callbacks figures",
    "office": "hours replies people settings search audit checks",
    "care": "care templates programmes plans",
    "results": "results",
}
AREA = {name: area for area, names in OF.items() for name in names.split()}


def sources() -> Iterator[tuple[Path, str, str]]:
    """Every file that may hold messages: (path, its area or "", babel's extractor)."""
    for path in sorted(CONSOLE.rglob("*.py")):
        name = path.stem
        yield path, AREA.get(name) or AREA.get(name.partition("_")[0], ""), "python"
    templates = CONSOLE / "templates" / "console"
    for path in sorted(templates.rglob("*.html")):
        inside = path.relative_to(templates).parts
        whose = next((AREA[folder] for folder in reversed(inside[:-1]) if folder in AREA), "")
        yield path, whose if len(inside) > 1 else "frame", "jinja2"


def extracted(area: str) -> Catalog:
    """What the code says in English."""
    catalog = Catalog(locale="zh_CN", domain=area, project="huifu", creation_date=ALWAYS, revision_date=ALWAYS)
    for path, whose, method in sources():
        if whose != area:
            continue
        for _, message, comments, context in extract_from_file(method, path, keywords=KEYWORDS):
            place = (path.relative_to(CONSOLE).as_posix(), None)
            catalog.add(message, None, [place], auto_comments=comments, context=context)
    return catalog


def homeless() -> list[str]:
    """Files with messages whose area nobody has said."""
    return [
        f"{path.relative_to(CONSOLE)} has messages: say whose in OF of tools/translations.py"
        for path, whose, method in sources()
        if not whose and list(extract_from_file(method, path, keywords=KEYWORDS))
    ]


def kept(area: str) -> Catalog:
    file = CHINESE / f"{area}.po"
    if not file.exists():
        return Catalog(locale="zh_CN", domain=area, project="huifu")
    return read_po(io.BytesIO(file.read_bytes()), locale="zh_CN", domain=area)


def joined(area: str) -> Catalog:
    """The messages of the code with the translations that are there; those that nothing says any more are dropped."""
    catalog = kept(area)
    catalog.update(extracted(area), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.creation_date = catalog.revision_date = ALWAYS
    catalog.header_comment = f"# Chinese words of the console: {area}."
    catalog.last_translator = catalog.language_team = "Huifu"
    return catalog


def as_po(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(written, catalog, width=110, sort_by_file=True, include_lineno=False)
    return re.sub(rb'"Generated-By:.*\n', b"", written.getvalue())  # a newer Babel changes nothing else


def as_mo(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def meant(mo: bytes) -> dict[object, str]:
    """Message to translation, without the header: that names the version of Babel."""
    catalog: dict[object, str] = getattr(GNUTranslations(io.BytesIO(mo)), "_catalog", {})
    return {name: said for name, said in catalog.items() if name}


def missing(catalog: Catalog) -> list[str]:
    """One line for each message without a translation, or with one that loses or invents a placeholder."""
    faults = []
    for message in catalog:
        if not message.id:
            continue
        name, *others = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(said) or message.fuzzy:
            faults.append(f"no translation: {name!r}")
        elif any(holes(one) - holes(*((name, *others))) or holes(name) - holes(one) - {"num"} for one in said):
            faults.append(f"other placeholders: {name!r}")
    return faults


def holes(*texts: str) -> set[str]:
    return {name for text in texts for name in re.findall(r"%\((\w+)\)", text)}


def faults(area: str) -> list[str]:
    catalog = joined(area)
    found = [f"{area}: {line}" for line in missing(catalog)]
    po, mo = (CHINESE / f"{area}.po", CHINESE / f"{area}.mo")
    there = po.exists() and mo.exists()
    if not there or po.read_bytes() != as_po(catalog) or meant(mo.read_bytes()) != meant(as_mo(catalog)):
        found.append(f"{area} is not up to date; run: python -m tools.translations {area}")
    return found


@click.command()
@click.argument("areas", nargs=-1, type=click.Choice(AREAS))
@click.option("--check", is_flag=True, help="Change nothing; fail when something is missing.")
def main(areas: tuple[str, ...], check: bool) -> None:
    """Bring the console's translations up to date: all areas, or those that are named."""
    told = homeless()
    for area in areas or AREAS:
        if check:
            told += faults(area)
            continue
        catalog = joined(area)
        CHINESE.mkdir(parents=True, exist_ok=True)
        (CHINESE / f"{area}.po").write_bytes(as_po(catalog))
        (CHINESE / f"{area}.mo").write_bytes(as_mo(catalog))
        lacking = missing(catalog)
        click.echo(f"{area}: {len(catalog)} messages, {len(lacking)} to translate")
        told += [f"  {line}" for line in lacking]
    for line in told:
        click.echo(line)
    if check and told:
        sys.exit(1)


if __name__ == "__main__":
    main()
