"""The pages of results: what they say, what they refuse, and the files that are taken away."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from app.care.programmes import shipped
from app.care.tally import NAMES
from app.handlers.care import stops, switches, trials
from app.handlers.care.results_file import as_csv
from app.web.console.care.results_said import points
from tests.console.conftest import Seat, SignedIn, text_of
from tests.handlers.care.campaign import switch_on
from tests.handlers.care.outcomes import COMPARED, text
from tests.rig import Rig

ALL, ONE = "/console/care/results", "/console/care/results/settled"
HOUR = timedelta(hours=1)


def english(sit: SignedIn, role: str = "operator") -> Seat:
    return sit(role, interface="en")


def rows_of(answer_text: str) -> list[dict[str, str]]:
    assert answer_text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer_text[1:])))


@pytest.mark.parametrize("role", ["operator", "supervisor", "auditor"])
@pytest.mark.parametrize("path", [ALL, ONE])
def test_an_empty_time(signed_in: SignedIn, role: str, path: str) -> None:
    page = signed_in(role).get(path)
    assert page.status_code == 200
    assert "nan" not in text_of(page).lower()
    assert "None" not in text_of(page)
    assert "<svg xmlns" not in page.text


@pytest.mark.parametrize("path", [ALL, ONE, f"{ALL}.csv?table=programmes"])
def test_agents_see_no_results(signed_in: SignedIn, path: str) -> None:
    assert signed_in("agent").get(path).status_code == 403


def test_programmes_beside_each_other(desk: Rig, signed_in: SignedIn) -> None:
    database, now = desk.service.database, desk.clock()
    for place in range(40):
        text(database, now, answers=("chosen",) if place < 10 else (), followed=HOUR if place < 5 else None)
    text(database, now, state="held", reason="stale")
    said = text_of(english(signed_in).get(ALL))
    assert "Settled fifteen days ago 41 1 40 40 40 100% 5 12.5% 10 25% 10 25%" in said
    assert "the window closed before it could leave" in said
    assert "This is no experiment" in said
    assert "这不是实验" in text_of(signed_in("auditor").get(ALL))


def test_answers_whose_receipts_are_lost(desk: Rig, signed_in: SignedIn) -> None:
    for _ in range(40):
        text(desk.service.database, desk.clock(), status=3, answers=("chosen",))
    text(desk.service.database, desk.clock())
    assert signed_in("operator").get(ONE).status_code == 200
    assert "100%" in text_of(english(signed_in).get(ALL))


def test_charts_have_no_style_and_no_script_and_a_name(desk: Rig, signed_in: SignedIn) -> None:
    for place in range(60):
        text(desk.service.database, desk.clock() - place * HOUR, answers=("chosen",) if place % 3 == 0 else ())
    page = english(signed_in).get(ONE)
    charts = re.findall(r"<svg xmlns.*?</svg>", page.text, re.DOTALL)
    assert len(charts) >= 1
    for chart in charts:
        assert "style" not in chart
        assert "<script" not in chart
        assert 'role="img"' in chart
        assert "the table says the same" in chart
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]


def test_a_chart_leaves_out_what_few_texts_say(desk: Rig, signed_in: SignedIn) -> None:
    for _ in range(29):
        text(desk.service.database, desk.clock(), answers=("chosen",))
    assert "100%" in text_of(english(signed_in).get(ONE))
    assert english(signed_in).get(ONE).text.count("<svg xmlns") == 1  # the funnel has counts and no shares


def test_names_are_no_markup(desk: Rig, signed_in: SignedIn) -> None:
    for _ in range(31):
        text(desk.service.database, desk.clock(), segment="<img src=x onerror=alert(1)>")
    page = english(signed_in).get(ONE)
    assert "<img src=x" not in page.text
    assert "&lt;img src=x" in page.text


def test_the_chooser_leads_to_the_programme_and_keeps_the_days(signed_in: SignedIn) -> None:
    answer = signed_in("operator").get(f"{ALL}?programme=settled&since=2026-05-01&until=2026-05-31")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/care/results/settled?since=2026-05-01&until=2026-05-31")
    assert signed_in("operator").get("/console/care/results/no_such").status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "Choose a date."),
        ("until=99999-01-01", "Choose a date."),
        ("since=2026-06-02&until=2026-06-01", "The last day is before the first."),
        ("since=2020-01-01", "At most 366 days are counted at once."),
    ],
)
def test_days_that_cannot_be(signed_in: SignedIn, query: str, said: str) -> None:
    seat = english(signed_in)
    answer = seat.get(f"{ALL}?{query}")
    assert answer.status_code == 422
    assert said in text_of(answer)
    file = seat.get(f"{ALL}.csv?table=programmes&{query}")
    assert file.status_code == 422
    assert said in text_of(file)


# ---- files -------------------------------------------------------------------------------------------------------


def test_every_table_is_taken_away(desk: Rig, signed_in: SignedIn) -> None:
    for place in range(20):
        text(desk.service.database, desk.clock(), answers=("refused",) if place < 4 else (), segment="vip")
    text(desk.service.database, desk.clock(), state="held", reason="gate")
    seat = english(signed_in)
    for path in (ALL, ONE):
        links = re.findall(r'href="([^"]*results\.csv[^"]*)"', seat.get(path).text)
        assert len(links) >= 2
        for link in links:
            answer = seat.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200, link
            assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
            assert rows_of(answer.text), link
    [row] = rows_of(seat.get(f"{ALL}.csv?table=programmes").text)
    assert (row["programme"], row["planned"], row["held"], row["reached"], row["refused"]) == (
        "settled",
        "21",
        "1",
        "20",
        "4",
    )
    assert (row["refused_share"], row["refused_low"], row["refused_high"]) == ("0.2000", "0.0807", "0.4160")
    assert set(NAMES) < set(row)
    [why] = rows_of(seat.get(f"{ALL}.csv?table=held").text)
    assert (why["programme"], why["reason"], why["texts"]) == ("settled", "gate", "1")
    segments = rows_of(seat.get(f"{ALL}.csv?programme=settled&table=segment").text)
    assert [(one["segment"], one["planned"]) for one in segments] == [("vip", "20"), ("", "1")]
    assert seat.get(f"{ALL}.csv?table=no_such").status_code == 404
    assert seat.get(f"{ALL}.csv?programme=no_such&table=held").status_code == 404


def test_no_cell_is_a_formula(desk: Rig, signed_in: SignedIn) -> None:
    text(desk.service.database, desk.clock(), segment='=HYPERLINK("http://x")')
    answer = english(signed_in).get(f"{ALL}.csv?programme=settled&table=segment").text
    assert rows_of(answer)[0]["segment"] == '\'=HYPERLINK("http://x")'
    assert as_csv([["-0.5", "+1.5", "-x", "@x"]]) == "\ufeff-0.5,+1.5,'-x,'@x\r\n"


# ---- comparisons -------------------------------------------------------------------------------------------------


TWO = f"{ALL}/{COMPARED}"


def declare(seat: Seat, page: str = TWO) -> int:
    return seat.post(f"{page}/trial", data={"outcome": "chosen", "baseline": "30", "least": "60%"}).status_code


def arm(desk: Rig, name: str, texts: int, hits: int) -> None:
    for place in range(texts):
        text(desk.service.database, desk.clock(), COMPARED, variant=name, answers=("chosen",) if place < hits else ())


def test_a_programme_without_arms_compares_nothing(signed_in: SignedIn) -> None:
    seat = english(signed_in)
    assert "Comparison of the arms" not in text_of(seat.get(ONE))
    assert declare(seat, ONE) == 422


def test_a_comparison_from_its_beginning_to_its_verdict(
    desk: Rig, signed_in: SignedIn, audited: Callable[..., AbstractContextManager[None]]
) -> None:
    seat = english(signed_in)
    assert "nobody has said beforehand what counts" in text_of(seat.get(TWO))
    with audited("trial.declare", by="运营"):
        assert declare(seat) == 303
    desk.clock.advance(minutes=1)
    arm(desk, "A", 10, 2)
    arm(desk, "B", 4, 4)
    page = text_of(seat.get(TWO))
    assert "No difference can be told yet: it needs about 6 more texts, and 7 days for their answers." in page
    assert "is better than" not in page
    arm(desk, "B", 6, 5)
    assert "the last texts have 7 days for their answers" in text_of(seat.get(TWO))
    desk.clock.advance(days=7)
    page = text_of(english(signed_in).get(TWO))
    assert "B is better than A by 70 points, between 26.6 and 86.5." in page
    assert "signific" not in page.lower()
    assert "B比A高70个百分点" in text_of(signed_in("auditor").get(TWO))


def test_arms_that_cannot_be_told_apart(desk: Rig, signed_in: SignedIn) -> None:
    seat = english(signed_in)
    assert declare(seat) == 303
    arm(desk, "A", 10, 5)
    arm(desk, "B", 10, 4)
    desk.clock.advance(days=7)
    page = text_of(english(signed_in).get(TWO))
    assert "No difference between B and A was found" in page
    assert "A difference of 60 points would have been found in about 8 of 10 such comparisons." in page
    assert "没有发现B与A的差别" in text_of(signed_in("supervisor").get(TWO))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"baseline": "x"}, "A number of points between 0 and 100."),
        ({"least": "nan"}, "A number of points between 0 and 100."),
        ({"least": "101"}, "A number of points between 0 and 100."),
        ({"baseline": "0"}, "Above 0 and below 100 points."),
        ({"least": "0"}, "Above 0 points"),
        ({"least": "80"}, "Above 0 points"),
        ({"outcome": "opened"}, "Choose what counts."),
    ],
)
def test_what_cannot_be_declared_is_said_at_the_field(
    desk: Rig, signed_in: SignedIn, given: dict[str, str], said: str
) -> None:
    seat = english(signed_in)
    form = {"outcome": "chosen", "baseline": "30", "least": "60", **given}
    answer = seat.post(f"{TWO}/trial", data=form)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert trials.standing(desk.service, COMPARED) is None


def test_points() -> None:
    assert (points("2.5"), points(" 2.5 % "), points("2．5％"), points("100")) == (0.025, 0.025, 0.025, 1)
    assert [points(one) for one in ("", "x", "-1", "101", "nan", "inf", "٣", "1e2000")] == [None] * 8


# ---- what stopped itself -----------------------------------------------------------------------------------------


@pytest.fixture
def stopped(desk: Rig) -> Rig:
    switch_on(desk, "settled")
    desk.clock.advance(minutes=2)
    for place in range(100):
        text(desk.service.database, desk.clock(), answers=("refused",) if place < 9 else ())
    desk.clock.advance(minutes=2)
    assert stops.stop_if_refused(desk.service) == ["settled"]
    return desk


@pytest.mark.usefixtures("stopped")
def test_the_pages_say_what_stopped_and_why(signed_in: SignedIn) -> None:
    for path in (ALL, ONE):
        said = text_of(english(signed_in).get(path))
        assert "Settled fifteen days ago stopped itself." in said
        assert "9 of 100 texts that arrived were refused or complained of (9%); its limit is 2%." in said
    assert "Why it may go on" not in text_of(signed_in("supervisor", interface="en").get(ONE))
    assert "已自动停止" in text_of(signed_in("auditor").get(ALL))


@pytest.mark.usefixtures("stopped")
def test_operators_see_it_wherever_they_are(signed_in: SignedIn) -> None:
    assert "1 programme stopped itself" in text_of(english(signed_in).get("/console/hours"))
    assert "stopped itself" not in text_of(signed_in("supervisor", interface="en").get("/console/hours"))


def test_an_operator_with_a_reason_switches_it_on_again(
    stopped: Rig, signed_in: SignedIn, audited: Callable[..., AbstractContextManager[None]]
) -> None:
    seat = english(signed_in)
    refused = seat.post(f"{ONE}/resume", data={"because": " "})
    assert refused.status_code == 422
    assert "characters why" in text_of(refused)
    with audited("programme.on", by="运营"):
        assert seat.post(f"{ONE}/resume", data={"because": "模板已改"}).status_code == 303
    assert "stopped itself" not in text_of(seat.get(ONE))
    assert "pill bad" not in seat.get("/console/hours").text
    with stopped.service.database.begin() as connection:
        assert switches.state(connection, "settled").on
    assert seat.post(f"{ONE}/resume", data={"because": "模板已改"}).status_code == 303  # twice is once


@pytest.mark.parametrize("role", ["agent", "supervisor", "auditor"])
@pytest.mark.parametrize("act", ["resume", "trial"])
def test_only_operators_decide(signed_in: SignedIn, role: str, act: str) -> None:
    assert signed_in(role).post(f"{ONE}/{act}", data={"because": "because"}).status_code == 403


def test_every_programme_has_its_page(signed_in: SignedIn) -> None:
    seat = english(signed_in)
    assert [key for key in shipped() if seat.get(f"{ALL}/{key}").status_code != 200] == []


@pytest.mark.usefixtures("stopped")
def test_the_page_of_programmes_leads_to_the_figures_first(signed_in: SignedIn) -> None:
    answer = english(signed_in).post("/console/care/programmes/settled/switch", data={"act": "on"})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(ONE)
