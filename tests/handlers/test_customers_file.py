"""The reader of customers.csv: every cell is right or refused with a reason, and no line spoils another."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.texts import Texts
from app.handlers.customers_cells import LANGUAGES, READERS
from app.handlers.customers_file import Fault, NotReadable, Row, read, survey
from app.rules.phone_numbers import e164

HEADER = "phone,customer_id,name,card_last4,credit_limit,due_on,autopay,marketing_consent,consent_source"
GOOD = "13800138000,C1,王建国,0042,50000.00,2027-03-31,yes,yes,branch"


def rows(*lines: str) -> list[Row | Fault]:
    return list(read([f"{line}\n" for line in lines])[1])


def one(column: str, cell: str) -> Row | Fault:
    (found,) = rows(f"phone,customer_id,{column}", f"13800138000,C1,{cell}")
    return found


def test_a_good_row_is_typed() -> None:
    facts = {
        "name": "王建国",
        "card_last4": "0042",
        "credit_limit": Decimal("50000.00"),
        "due_on": date(2027, 3, 31),
        "autopay": True,
    }
    assert rows(HEADER, GOOD) == [Row(2, "+8613800138000", "C1", facts, "yes", "branch")]


def test_columns_come_in_any_order_and_case_and_unknown_ones_are_named() -> None:
    header, found = read(["Customer_ID, PHONE ,shoe_size\n", "C1,+86 138-0013-8000,43\n"])
    assert header.unknown == ("shoe_size",)
    assert list(found) == [Row(2, "+8613800138000", "C1", {})]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("birthday", "1980-02-30", "birthday is a day that does not exist"),
        ("birthday", "19800203", "birthday must be a date like 2027-03-31"),
        ("birthday", "0980-02-03", "birthday must lie between 1900 and 2199"),
        ("credit_limit", '"50,000.00"', "credit_limit must be an amount in yuan like 5360.00"),
        ("credit_limit", "5e4", "credit_limit must be an amount"),
        ("credit_limit", "５０", "credit_limit must be an amount"),
        ("credit_limit", "0.005", "credit_limit must have at most two decimals"),
        ("credit_limit", "-1", "credit_limit must not be below zero"),
        ("credit_limit", "1000000000000", "credit_limit must be below a trillion"),
        ("overdue_days", "-3", "overdue_days must be a number of days"),
        ("overdue_days", "3.5", "overdue_days must be a number of days"),
        ("autopay", "true", "autopay must be yes or no"),
        ("marketing_consent", "maybe", "marketing_consent must be yes, no or unknown"),
        ("loan_product", "boat", "loan_product must be consumer, business, mortgage or car"),
        ("language", "fr", "language must be zh-CN or en"),
        ("card_last4", "42", "card_last4 must have four digits; spreadsheets drop leading zeros"),
        ("email", "nobody", "email is not an e-mail address"),
        ("manager_phone", "ask me", "manager_phone is not a phone number"),
        ("name", "a\u200bb", "name has a character that cannot be seen"),
        ("name", "a\0b", "name has a character that cannot be seen"),
        ("name", "王" * 81, "name is longer than 80 characters"),
        ("name", '"王', "a quotation mark is not closed"),
        ("name", "a,b", "has 4 cells, the header has 3"),
    ],
)
def test_a_bad_cell_is_refused_with_a_reason_that_does_not_repeat_it(column: str, cell: str, reason: str) -> None:
    found = one(column, cell)
    assert isinstance(found, Fault)
    assert found.line == 2
    assert found.reason.startswith(reason)
    assert len(cell) < 3 or cell not in found.reason


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("", "phone is empty"),
        ("1380013800", "phone is neither"),
        ("1.38E+10", "phone is neither"),
        ("8613800138000", "phone is neither"),
        ("+8612345678901", "phone does not exist"),
        ("+999123456789", "phone has a country code that does not exist"),
        ("+12025550", "phone does not exist"),
    ],
)
def test_a_bad_number_is_refused(phone: str, reason: str) -> None:
    (found,) = rows("phone,customer_id", f"{phone},C1")
    assert isinstance(found, Fault)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("19912345678", "+8619912345678"),
        ("15400000001", "+8615400000001"),
        ("+852 5123 4567", "+85251234567"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+862155550000", "+862155550000"),
    ],
)
def test_numbers_become_e164(written: str, number: str) -> None:
    assert e164(written) == number


def test_a_bad_line_leaves_the_next_ones_alone() -> None:
    found = rows(HEADER, '"', GOOD, "", ",,,,,,,,", "x" * 30_000, GOOD.replace("C1", "C2"))
    assert [type(row).__name__ for row in found] == ["Fault", "Row", "Fault", "Row"]
    assert [row.line for row in found] == [2, 3, 6, 7]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "The file is empty."),
        (["\n", "\ufeff\n"], "The file is empty."),
        (["customer_id,name\n"], "no column phone"),
        (["phone\n"], "no column customer_id"),
        (["a;b\n"], "no column phone and no column customer_id; cells are separated by commas"),
        (["phone,customer_id,name,NAME\n"], "the column name twice"),
        (['phone,"customer_id\n'], "header cannot be read"),
    ],
)
def test_a_file_without_its_header_is_refused_whole(lines: list[str], sentence: str) -> None:
    with pytest.raises(NotReadable, match=sentence):
        read(lines)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"{HEADER}\n{GOOD}\n".encode("gbk"), "not UTF-8 but GBK; save it as CSV UTF-8"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "is UTF-16"),
        (b"PK\x03\x04....", "is a workbook"),
        (f"{HEADER}\n{GOOD}".encode() + "王".encode()[:2], "cut off"),
        (b"\xff\xff\xff\xff", "is not UTF-8; save"),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    with pytest.raises(NotReadable, match=sentence):
        survey(path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_are_counted_with_and_without_a_byte_order_mark(tmp_path: Path, mark: bytes, end: bytes) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(mark + HEADER.encode() + end + GOOD.encode())
    assert survey(path) == 2
    with path.open(encoding="utf-8") as lines:
        assert [row.line for row in read(lines)[1]] == [2]


@given(st.lists(st.lists(st.text(max_size=30), max_size=8), max_size=6))
def test_whatever_stands_in_a_file_each_line_is_a_row_or_a_fault(table: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["phone", "customer_id", "name", "credit_limit", "due_on"], *table])
    lines = written.getvalue().splitlines(keepends=True)
    found = list(read(lines)[1])
    assert [row.line for row in found] == sorted({row.line for row in found})
    filled = [number for number, line in enumerate(lines, 1) if number > 1 and line.strip().strip(",")]
    assert [row.line for row in found] == filled


@given(st.sampled_from(sorted(READERS)), st.text(max_size=300))
def test_no_cell_is_read_as_something_that_does_not_fit_its_column(column: str, cell: str) -> None:
    try:
        value = READERS[column](cell.strip())
    except ValueError as error:
        assert str(error)
        return
    if isinstance(value, Decimal):
        assert 0 <= value < 10**12
        assert value == value.quantize(Decimal("0.01"))
    elif isinstance(value, str):
        assert "\0" not in value
        value.encode("utf-8")


@given(st.decimals(0, 10**11, places=2), st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.booleans())
def test_what_is_written_well_comes_back_as_it_was(amount: Decimal, day: date, yes: bool) -> None:
    cells = f"13800138000,C1,{amount},{day},{'yes' if yes else 'no'}"
    (found,) = rows("phone,customer_id,credit_limit,due_on,autopay", cells)
    assert isinstance(found, Row)
    assert found.facts == {"credit_limit": amount, "due_on": day, "autopay": yes}


def test_every_language_of_the_texts_may_stand_in_the_file() -> None:
    assert set(LANGUAGES) == set(Texts.load().languages)
