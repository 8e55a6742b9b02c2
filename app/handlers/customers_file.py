"""Reading `customers.csv`: a line becomes a row or a fault, and no line can spoil the next one."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.handlers.customers_cells import CONSENT, FACTS, KEYS, READERS, Value

_BLOCK = 1 << 20
_LONGEST_LINE = 20_000  # characters; a row of this file has some hundred


class NotReadable(ValueError):
    """Nothing of the file can be taken; `str()` says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """`facts`: the columns of the customers' table that the file has, typed. `consent`: yes · no · empty."""

    line: int
    phone: str
    customer_id: str
    facts: Mapping[str, Value]
    consent: str = ""
    consent_source: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that was not taken (or, among warnings, not wholly). The reason repeats no personal data."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Header:
    """`columns` in the order of the file, lower case; `unknown`: those that are not read."""

    columns: tuple[str, ...]
    unknown: tuple[str, ...]

    @classmethod
    def read(cls, line: str) -> Header:
        """Raises `NotReadable` when a needed column is missing or one stands there twice."""
        try:
            cells = next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            raise NotReadable(f"The header cannot be read: {error}.") from None
        columns = tuple(cell.strip().lower() for cell in cells)
        missing = [name for name in KEYS if name not in columns]
        if missing:
            hint = "; cells are separated by commas" if len(columns) < 2 else ""
            raise NotReadable(f"The header has no column {' and no column '.join(missing)}{hint}.")
        twice = sorted({name for name in columns if columns.count(name) > 1 and name in READERS})
        if twice:
            raise NotReadable(f"The header has the column {twice[0]} twice.")
        return cls(columns, tuple(name for name in columns if name not in READERS))


def survey(path: Path) -> int:
    """Number of lines, after a look at every byte: a file with a wrong encoding is refused before its first row.

    Raises `NotReadable`, and OSError when there is no such file.
    """
    lines, ends_open = 0, False
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        begin = file.read(4)
        if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise NotReadable(f"{path.name} is UTF-16; save it as CSV UTF-8.")
        if begin.startswith(b"PK\x03\x04"):
            raise NotReadable(f"{path.name} is a workbook, not a CSV file; save it as CSV UTF-8.")
        file.seek(0)
        while block := file.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                kind = " but GBK" if _reads_as_gbk(path) else ""
                raise NotReadable(
                    f"{path.name} is not UTF-8{kind}; save it as CSV UTF-8 and import it again."
                ) from None
            lines += block.count(b"\n")
            ends_open = not block.endswith(b"\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise NotReadable(f"{path.name} ends in the middle of a character: it was cut off.") from None
    return lines + ends_open


def _reads_as_gbk(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    with path.open("rb") as file:
        try:
            decoder.decode(file.read(_BLOCK))
        except UnicodeDecodeError:
            return False
    return True


def read(lines: Iterable[str]) -> tuple[Header, Iterator[Row | Fault]]:
    """The header, and an iterator over all rows and faults. Raises `NotReadable` for an empty or headless file."""
    numbered = enumerate(lines, 1)
    for _, line in numbered:
        if line.strip().removeprefix("\ufeff"):
            header = Header.read(line.strip().removeprefix("\ufeff"))
            return header, _rows(header, numbered)
    raise NotReadable("The file is empty.")


def _rows(header: Header, numbered: Iterator[tuple[int, str]]) -> Iterator[Row | Fault]:
    readers = [(place, name, READERS[name]) for place, name in enumerate(header.columns) if name in READERS]
    facts = [name for name in header.columns if name in FACTS]
    asks = bool(set(header.columns) & set(CONSENT))
    width = len(header.columns)
    for number, line in numbered:
        stripped = line.strip()
        if not stripped.strip(","):
            continue
        try:
            cells = split_cells(stripped, width)
            values: dict[str, Value] = {}
            for place, name, reader in readers:
                try:
                    values[name] = reader(cells[place].strip())
                except ValueError as error:
                    raise ValueError(f"{name} {error}") from None
        except ValueError as error:
            yield Fault(number, str(error))
            continue
        consent = str(values.get("marketing_consent", "")) if asks else ""
        yield Row(
            line=number,
            phone=str(values["phone"]),
            customer_id=str(values["customer_id"]),
            facts={name: values[name] for name in facts},
            consent="" if consent == "unknown" else consent,
            consent_source=str(values.get("consent_source", "")),
        )


def split_cells(line: str, width: int) -> list[str]:
    """One line is one row: an unclosed quotation mark spoils its own line and swallows no others."""
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"the line is longer than {_LONGEST_LINE} characters")
    try:
        cells = next(csv.reader([line.replace("\0", "\ufffd")], strict=True))
    except csv.Error:
        raise ValueError("a quotation mark is not closed, or stands in the middle of a cell") from None
    if len(cells) != width:
        raise ValueError(f"has {len(cells)} cells, the header has {width}")
    return cells
