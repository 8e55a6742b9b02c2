"""What is said of a programme's file that is wrong: its name, the field, and the repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.care.programmes import BadProgramme, load, read

GOOD = """
purpose = "commercial"
kind = "product"
template = "settled"
[when]
fact = "settled_on"
after = 15
[title]
zh-CN = "结清"
en = "Settled"
[goal]
zh-CN = "目的"
en = "Goal"
"""


def test_a_small_file_is_enough() -> None:
    assert read(GOOD, "settled.toml").key == "settled"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("priority = 101", "priority: is 101; write a whole number from 0 to"),
        ("priority = true", "priority: is True; write a whole number"),
        ('window = "noon"', "window: is 'noon'; take one of any_day, "),
        ('product = "boat"', "product: is 'boat'; take one of consumer, "),
        ('colour = "red"', "colour: is not a field; take of arms, audience"),
        ("stop_at = 2.0", "stop_at: is 2.0; write a share above 0 and up to 1"),
        ("second_after_hours = 0", "second_after_hours: is 0; write a whole"),
        ('converted_by = ["won"]', "converted_by: has 'won'; take of page_viewed"),
        ('converted_by = "drawn"', "converted_by: must be a list"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_file_and_the_repair(line: str, says: str) -> None:
    with pytest.raises(BadProgramme) as fault:
        read(f"{line}\n{GOOD}", "settled.toml")
    assert str(fault.value).startswith(f"settled.toml: {says}")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "product"', "", "kind: is missing; take one of care"),
        ('template = "settled"', "", "template: must be text of 1 to 200 characters"),
        ('fact = "settled_on"', "", "when.fact: takes one of fact, day and event, and none"),
        ('[when]\nfact = "settled_on"\nafter = 15', "", "when: is missing; add a table [when]"),
        ('en = "Goal"', "", "goal.en: must be text"),
        ('purpose = "commercial"', 'purpose = "reminder"', "purpose: is 'reminder'; take one of commercial"),
        ('kind = "product"', 'kind = "gift"', "kind: is 'gift'; take one of care, festival, product"),
        ("after = 15", "after = 15.5", "when.after: is 15.5; write a whole number from -365 to 365"),
        ("after = 15", "lasts = 0", "when.lasts: is 0; write a whole number from 1 to 365"),
        ("after = 15", "times = 2", "when.times: is not a field; take of after, fact, lasts, months, yearly"),
        ("after = 15", "yearly = 1", "when.yearly: is 1; write true or false"),
        ("after = 15", "yearly = true\nmonths = 12", "when.months: goes with a date, not with its anniversaries"),
        ("after = 15", "yearly = true\nlasts = 100", "when.lasts: is 100; a day of the year lasts 91 days at most"),
        ('fact = "settled_on"', 'fact = "name"', "when.fact: is 'name'; take one of birthday, due_on"),
        ('fact = "settled_on"', 'day = "doomsday"', "when.day: is 'doomsday'; take one of new_year"),
        ('fact = "settled_on"', 'event = "yawned"', "when.event: is 'yawned'; take one of page_viewed"),
        ('fact = "settled_on"', 'event = "drawn"\nlasts = 360', "when.lasts: ends more than 365 days after the event"),
        ('fact = "settled_on"', 'fact = "settled_on"\nday = "qixi"', "when.fact: takes one of fact, day and event"),
        ('en = "Goal"', 'en = "Goal"\nfr = "But"', "goal.fr: is not a field; take of en, zh-CN"),
    ],
)  # fmt: skip
def test_so_is_one_that_is_missing_or_has_another_value(old: str, new: str, says: str) -> None:
    with pytest.raises(BadProgramme) as fault:
        read(GOOD.replace(old, new), "settled.toml")
    assert str(fault.value).startswith(f"settled.toml: {says}")


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ('{ fact = "shoe_size", is = 40 }', "'shoe_size' is no fact; take a column of customers.csv or one of age"),
        ('{ fact = "segment", at_least = 3 }', "segment cannot be asked 'at_least'; take one of in, is, known"),
        ('{ fact = "segment" }', "has 0 questions; ask one of at_least"),
        ('{ fact = "segment", is = "vip", known = true }', "has 2 questions; ask one of"),
        ('{ fact = "segment", is = ["vip", "owner"] }', "segment is has 2 values; give 1"),
        ('{ fact = "segment", in = [] }', "segment in has 0 values; give some"),
        ('{ fact = "credit_limit", at_least = "much" }', "credit_limit at_least has 'much'; write it like 50000"),
        ('{ fact = "opened_on", before = "May" }', "opened_on before has 'May'; write it like 2026-11-30"),
        ('{ fact = "autopay", is = "maybe" }', "autopay is has 'maybe'; write it like yes"),
        ('{ fact = "email", known = "yes" }', ".known: is 'yes'; write true"),
        ('{ fact = "email", is = { a = 1 } }', ".is: is {'a': 1}; write text, a number, or a list of them"),
        ('{ fact = "email", looks = 1 }', ".looks: is not a field; take of at_least"),
    ],
)
def test_a_bad_condition_says_what_can_be_asked(condition: str, says: str) -> None:
    with pytest.raises(BadProgramme) as fault:
        read(f'audience = [{{ fact = "age", at_least = 18 }}, {condition}]\n{GOOD}', "settled.toml")
    assert str(fault.value).startswith("settled.toml: audience.2")
    assert says in str(fault.value)


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ('fact = "birthday"', "when.day: a greeting beside the month's two texts is for one of new_year"),
        ('day = "qixi"\nafter = -3\nlasts = 3', "when.day: a greeting beside the month's two texts is for one of"),
        ('day = "lantern"\nafter = -3\nlasts = 4', "when.after: a greeting goes in the 7 days before the day"),
        ('day = "lantern"\nafter = -8\nlasts = 3', "when.after: a greeting goes in the 7 days before the day"),
    ],
)
def test_a_greeting_is_for_the_days_before_a_named_holiday(when: str, says: str) -> None:
    text = GOOD.replace('"product"', '"festival"').replace('fact = "settled_on"\nafter = 15', when)
    with pytest.raises(BadProgramme) as fault:
        read(text, "lantern.toml")
    assert str(fault.value).startswith(f"lantern.toml: {says}")


@pytest.mark.parametrize(
    ("arms", "says"),
    [
        (
            '[{ name = "a", template = "settled", share = 60 }]',
            "arms: must have different names and shares that make 100",
        ),
        ('[{ name = "a", template = "settled", share = 0 }]', "arms.1.share: is 0; write a whole number from 1 to 99"),
        ('[{ name = "a", share = 50 }]', "arms.1.template: must be text"),
        ('{ name = "a" }', "arms: must be a list of tables"),
    ],
)
def test_a_bad_test_of_two_texts_says_why(arms: str, says: str) -> None:
    with pytest.raises(BadProgramme) as fault:
        read(f"arms = {arms}\n{GOOD}", "settled.toml")
    assert str(fault.value).startswith(f"settled.toml: {says}")


def test_what_is_no_toml_and_what_has_no_name_is_said() -> None:
    with pytest.raises(BadProgramme, match=r"settled\.toml: is not TOML"):
        read("kind = ", "settled.toml")
    with pytest.raises(BadProgramme, match="the name of the file must be"):
        read(GOOD, "Settled loans.toml")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"settled"', '"nowhere"', "template: there is no templates/nowhere.toml with a section [zh-CN]"),
        ('kind = "product"', 'kind = "activity"', "kind: is 'activity', but settled is 'product'; say the same"),
        ('"settled"', '"learn_1"\nsecond_after_hours = 2', "second_after_hours: learn_1 names no second text"),
    ],
)
def test_a_programme_and_its_templates_say_the_same(tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "settled.toml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(BadProgramme) as fault:
        load(tmp_path)
    assert str(fault.value).startswith(f"settled.toml: {says}")
