"""Versions of a text: written by one person, approved by another and the gate, and one of them leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert

from app.care.library import shipped
from app.care.template import Template
from app.handlers.care import templates
from app.handlers.care.templates import Outdated, Unfit
from app.handlers.care.templates_listed import Listed, checked
from app.handlers.service import Service
from app.store import tables
from app.store import templates as rows_of
from tests.handlers.care.bank import rows
from tests.handlers.care.versions import (
    AMY,
    BEN,
    KEY,
    LANGUAGE,
    SHIPPED,
    approve,
    draft,
    leaves,
    line,
    refused,
    states,
    worded,
)


def test_the_releases_own_leaves_until_a_second_person_approves_another(service: Service) -> None:
    assert leaves(service) == SHIPPED
    version = draft(service)
    assert (version, states(service), leaves(service)) == (1, {1: "draft"}, SHIPPED)
    assert line(service) == Listed(KEY, LANGUAGE, "shipped", SHIPPED, ((1, AMY),))
    refused("author", templates.approve, service, AMY, KEY, LANGUAGE, 1)
    assert states(service) == {1: "draft"}
    approve(service, 1)
    assert leaves(service) == worded(version=1)
    assert line(service) == Listed(KEY, LANGUAGE, "approved", worded(version=1))
    assert leaves(service, language="en") == shipped()[KEY, "en"]


def test_an_edit_is_a_new_version_and_replaces_the_old_one_at_its_approval(service: Service) -> None:
    approve(service, draft(service))
    second = draft(service, worded("{customer}，祝您生日快乐，回复1约回电，客服{hotline}。"))
    assert (states(service), getattr(leaves(service), "version", None)) == ({1: "approved", 2: "draft"}, 1)
    approve(service, second)
    assert (states(service), getattr(leaves(service), "version", None)) == ({1: "replaced", 2: "approved"}, 2)
    assert [row.reason for row in rows(service, tables.TemplateVersion)] == ["version 2", ""]


def test_what_is_decided_is_decided(service: Service) -> None:
    version = draft(service)
    approve(service, version)
    refused("decided", templates.approve, service, "eve", KEY, LANGUAGE, version)
    refused("decided", templates.reject, service, "eve", KEY, LANGUAGE, version, "no")
    refused("unknown", templates.approve, service, BEN, KEY, LANGUAGE, 9)
    refused("unknown", templates.approve, service, BEN, KEY, LANGUAGE, 0)
    refused("unknown", templates.approve, service, BEN, "nothing", LANGUAGE, 1)


def test_an_older_draft_does_not_replace_a_newer_text(service: Service) -> None:
    old, new = draft(service), draft(service)
    approve(service, new)
    assert line(service).waiting == ()
    refused("older", templates.approve, service, BEN, KEY, LANGUAGE, old)


def test_a_rejected_draft_never_leaves(service: Service) -> None:
    version = draft(service)
    refused("reason", templates.reject, service, BEN, KEY, LANGUAGE, version, " \n ")
    refused("reason", templates.reject, service, BEN, KEY, LANGUAGE, version, "x" * 501)
    templates.reject(service, BEN, KEY, LANGUAGE, version, "太  长")
    assert (states(service), leaves(service)) == ({1: "rejected"}, SHIPPED)
    assert rows(service, tables.TemplateVersion)[0].reason == "太 长"
    refused("decided", templates.approve, service, BEN, KEY, LANGUAGE, version)


def test_an_author_may_withdraw_the_own_draft(service: Service) -> None:
    templates.reject(service, AMY, KEY, LANGUAGE, draft(service), "a slip")
    assert states(service) == {1: "rejected"}


def test_what_is_retired_leaves_nothing_behind(service: Service) -> None:
    approve(service, draft(service))
    approve(service, draft(service))
    refused("standing", templates.retire, service, BEN, KEY, LANGUAGE, 1, "old")
    refused("standing", templates.retire, service, BEN, KEY, LANGUAGE, 0, "old")
    refused("reason", templates.retire, service, BEN, KEY, LANGUAGE, 2, "")
    templates.retire(service, BEN, KEY, LANGUAGE, 2, "complaints")
    assert (leaves(service), line(service).state) == (None, "retired")
    approve(service, draft(service))
    assert getattr(leaves(service), "version", None) == 3


def test_the_releases_own_can_be_retired_and_followed(service: Service) -> None:
    templates.retire(service, BEN, KEY, LANGUAGE, 0, "not our tone")
    assert (leaves(service), line(service).state, states(service)) == (None, "retired", {0: "retired"})
    refused("standing", templates.retire, service, BEN, KEY, LANGUAGE, 0, "again")
    refused("unknown", templates.retire, service, BEN, "nothing", LANGUAGE, 0, "again")
    approve(service, draft(service))
    assert leaves(service) == worded(version=1)


def test_a_template_of_ones_own_leaves_in_the_languages_that_are_approved(service: Service) -> None:
    own = worded(key="anniversary")
    version = draft(service, own)
    assert (line(service, "anniversary").state, line(service, "anniversary", "en").state) == ("draft", "missing")
    assert leaves(service, "anniversary") is None
    templates.approve(service, BEN, "anniversary", LANGUAGE, version)
    assert leaves(service, "anniversary") == replace(own, version=1)
    assert leaves(service, "anniversary", "en") is None


LINKED = "{customer}，见 {link} 回复1约回电。"
OURS = "https://bank.example.com/x"

# fmt: off
UNFIT: list[tuple[Template, str, str]] = [
    (worded("{custmer}，生日快乐，回复1约回电。", fallbacks={}), "body", "unknown"),
    (worded("本期应还{amount_due}元，回复1约回电。", fallbacks={}), "body", "personal"),
    (worded("{customer:money}，生日快乐，回复1约回电。"), "body", "type"),
    (worded(language="fr"), "language", "language"),
    (worded("{customer}，回复1办理。", replies=(replace(SHIPPED.replies[0], flow="attic"),)), "replies.1", "flow"),
    (worded("{customer}，回复ZD。", replies=(replace(SHIPPED.replies[0], key="ZD"),)), "replies.ZD", "command"),
    (worded(LINKED, target="https://evil.example.net/x"), "target", "target"),
    (worded(LINKED, target=OURS, second="attic"), "second", "second"),
    (worded(kind="product"), "purpose", "changed"),
    (worded(kind="service", purpose="service"), "purpose", "changed"),
]
# fmt: on


@pytest.mark.parametrize(("template", "field", "code"), UNFIT)
def test_an_unfit_draft_is_refused_at_its_field(service: Service, template: Template, field: str, code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        draft(service, template)
    assert (field, code) in {(fault.field, fault.code) for fault in unfit.value.faults}
    assert rows(service, tables.TemplateVersion) == []


def test_a_purpose_that_was_rejected_does_not_bind(service: Service) -> None:
    wrong = worded(key="anniversary", kind="activity")
    templates.reject(service, BEN, "anniversary", LANGUAGE, draft(service, wrong), "care, not an activity")
    assert draft(service, worded(key="anniversary")) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{customer}，最低利率等您，回复1约回电，客服{hotline}。", "over_promise"),
        ("{customer}，点击领取生日礼，回复1约回电，客服{hotline}。", "forbidden_words"),
        ("{customer}，您的额度50,000元已到，回复1约回电，客服{hotline}。", "figures_unverified"),
        ("{customer}，生日快乐，详见 http://bank.example.com 回复1约回电，客服{hotline}。", "link_not_https"),
        ("{customer}，" + "生日快乐，" * 50 + "回复1约回电，客服{hotline}。", "too_many_parts"),
    ],
)
def test_what_the_gate_refuses_nobody_can_approve(service: Service, body: str, code: str) -> None:
    version = draft(service, worded(body))
    refusal = refused("gate", templates.approve, service, BEN, KEY, LANGUAGE, version)
    assert code in {reason.code for reason in refusal.reasons}
    assert (states(service), leaves(service)) == ({1: "draft"}, SHIPPED)


def test_whoever_began_before_somebody_else_wrote_begins_again(service: Service) -> None:
    assert templates.draft(service, AMY, worded(), after=0) == 1
    with pytest.raises(Outdated) as outdated:
        templates.draft(service, BEN, worded(), after=0)
    assert (outdated.value.newest, len(states(service))) == (1, 1)
    assert templates.draft(service, BEN, worded(), after=1) == 2


def test_every_deed_is_in_the_audit_without_its_words(service: Service) -> None:
    approve(service, draft(service))
    templates.retire(service, BEN, KEY, LANGUAGE, 1, "complaints")
    templates.reject(service, BEN, KEY, LANGUAGE, draft(service), "no")
    found = rows(service, tables.Audit)
    assert [(row.actor, row.action, row.detail["version"]) for row in found] == [
        (AMY, "template.draft", 1),
        (BEN, "template.approve", 1),
        (BEN, "template.retire", 1),
        (AMY, "template.draft", 2),
        (BEN, "template.reject", 2),
    ]
    assert {row.subject for row in found} == {"template:zh-CN:birthday"}
    assert all(len(row.detail["content"]) == 64 and "生日" not in str(row.detail) for row in found)


def test_words_that_todays_rules_do_not_take_stay_back(service: Service) -> None:
    """A release may know fewer placeholders than the one under which a text was approved."""
    with service.database.begin() as connection:
        row = {"template": KEY, "language": LANGUAGE, "version": 1, "state": "approved", "author": AMY}
        content = {"purpose": "commercial", "kind": "care", "body": "{gone}，生日快乐。"}
        connection.execute(
            insert(tables.TemplateVersion).values(**row, content=content, written_at=service.clock(), reason="")
        )
        assert templates.approved(connection, KEY, LANGUAGE) is None


def test_every_text_that_leaves_is_good_today(service: Service) -> None:
    with service.database.begin() as connection:
        found = checked(service, connection)
    assert len(found) == len(shipped())
    assert [one for one in found if not one.good] == []


def test_a_text_that_leads_to_somebody_elses_page_is_found(service: Service) -> None:
    elsewhere = replace(service, info_link="https://www.bank.test/info")
    with service.database.begin() as connection:
        bad = [one for one in checked(elsewhere, connection) if not one.good]
    assert {one.template.key for one in bad} == {one.key for one in shipped().values() if one.target}
    assert {fault.field for one in bad for fault in one.faults} == {"target"}


def test_the_history_is_told_newest_first(service: Service) -> None:
    approve(service, draft(service))
    draft(service, worded(language="en", body="{customer}, reply 1, ring {hotline}."))
    draft(service)
    with service.database.begin() as connection:
        assert [row.version for row in rows_of.versions(connection, KEY, LANGUAGE)] == [2, 1]
        assert [(row.language, row.version) for row in rows_of.versions(connection)] == [
            ("en", 1),
            ("zh-CN", 2),
            ("zh-CN", 1),
        ]
