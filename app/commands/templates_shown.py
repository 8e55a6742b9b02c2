"""What `huifu templates` prints: lines for a person, plain data for a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from rich.console import Console
from rich.table import Table

from app.care.library import kept
from app.care.template import Template
from app.handlers.care.sampling import Sample
from app.handlers.care.templates_listed import Checked, Listed


def line(one: Listed) -> dict[str, Any]:
    template = one.template
    return {
        "template": one.key,
        "language": one.language,
        "state": one.state,
        "version": template.version if template else None,
        "kind": template.kind if template else "",
        "purpose": template.purpose if template else "",
        "waiting": [{"version": version, "author": author} for version, author in one.waiting],
    }


def whole(template: Template | None, history: Sequence[Any]) -> dict[str, Any]:
    """What leaves, None when nothing does, and the versions that people wrote."""
    leaves = {"version": template.version, "words": template.words, **kept(template)} if template else None
    return {"leaves": leaves, "versions": [_version(row) for row in history]}


def _version(row: Any) -> dict[str, Any]:
    return {
        "version": row.version,
        "state": row.state,
        "author": row.author,
        "written_at": row.written_at.isoformat(),
        "judged_by": row.judged_by,
        "judged_at": row.judged_at.isoformat() if row.judged_at else None,
        "reason": row.reason,
    }


def print_whole(template: Template | None, history: Sequence[Any], zone: tzinfo) -> None:
    console = Console()
    if template is None:
        console.print("Nothing leaves.")
    else:
        console.print(f"{template.scene}: {template.kind}, {template.purpose}, version {template.version}")
        console.print(template.words, markup=False, soft_wrap=True)
        for reply in template.replies:
            words = " ".join((reply.key, *reply.words))
            console.print(f"  reply {words} → {reply.flow}", markup=False)
        for name, words in template.fallbacks.items():
            console.print(f"  without {name}: {words}", markup=False)
        for name, said in (("link", template.target), ("second text", template.second)):
            if said:
                console.print(f"  {name}: {said}", markup=False, soft_wrap=True)
    if history:
        table = Table("version", "state", "author", "written", "judged by", "reason", box=None, pad_edge=False)
        for row in history:
            written = f"{row.written_at.astimezone(zone):%Y-%m-%d %H:%M}"
            table.add_row(str(row.version), row.state, row.author, written, row.judged_by, row.reason)
        console.print(table)


def sample(one: Sample) -> dict[str, Any]:
    return {
        "customer_id": one.customer_id,
        "body": one.body,
        "parts": one.parts,
        "cost": str(one.cost) if one.cost is not None else None,
        "leaves": one.leaves,
        "reasons": [{"code": reason.code, "words": reason.words, "level": reason.level} for reason in one.reasons],
        "filled": [
            {"placeholder": filling.placeholder, "words": filling.words, "source": filling.source}
            for filling in one.fillings
        ],
        "missing": list(one.missing),
    }


def print_samples(found: Sequence[Sample]) -> None:
    console = Console()
    for one in found:
        cost = f", {one.cost} yuan" if one.cost is not None else ""
        told = "stays back" if not one.leaves else f"{one.parts} part{'s' if one.parts > 1 else ''}{cost}"
        console.print(f"{one.customer_id or '(invented)'}: {told}", markup=False)
        if one.body:
            console.print(f"  {one.body}", markup=False, soft_wrap=True)
        for filling in one.fillings:
            console.print(
                f"  {{{filling.placeholder}}} {filling.source}: {filling.words}", markup=False, soft_wrap=True
            )
        for reason in one.reasons:
            console.print(f"  {reason.level} {reason.code} {reason.words}", markup=False)


def verdict(one: Checked) -> dict[str, Any]:
    return {
        "template": one.template.key,
        "language": one.template.language,
        "version": one.template.version,
        "leaves": one.good,
        "faults": [{"field": fault.field, "code": fault.code, "says": fault.says} for fault in one.faults],
        "samples": [sample(each) for each in one.samples],
    }


def sentences(one: Checked) -> Iterator[str]:
    """Each fault once, whichever customer it was found with."""
    for fault in one.faults:
        yield f"{fault.field}: {fault.says}"
    found = {
        f"{reason.level}: {reason.code} {reason.words}".rstrip(): None
        for each in one.samples
        for reason in each.reasons
    }
    missing = {f"stays back without a value for {name}": None for each in one.samples for name in each.missing}
    yield from (*found, *missing)
