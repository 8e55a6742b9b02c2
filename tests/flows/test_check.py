"""Every fault that `flows check` refuses, each in a small catalogue that has nothing else wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from app.flows.catalogue import CATALOGUE
from app.flows.check import check
from app.flows.check.published import record
from app.flows.library import Catalogue, Opener
from app.flows.table import BadFlow, Flow, agent, ask, end, go, guide, lookup
from app.flows.texts import Texts
from app.flows.texts.guides import Guide

HUMAN = Flow("human", end("here"), moves=[])
PROOF = Flow("proof", end("proven", proves=True), moves=[])

WORDS: dict[str, str] = {
    "human.here": "Somebody comes.",
    "cards.title": "cards",
    "cards.path": "App > Cards",
    "cards.which.say": "Which card? {options}",
    "cards.which.options.gold": "Gold",
    "cards.which.options.blue": "Blue",
    "cards.done": "Thank you.",
    "guide.first": "{n}/{size} {step}",
    "guide.first_mail": "{n}/{size} {step}",
    "guide.middle": "{n}/{size} {step}",
    "guide.last": "{n}/{size} {step}",
    "guide.where": "{title} {n}",
    "optout.all": "No more texts.",
    "optout.about": "It ends offers.",
    "optout.reminders": "No more reminders.",
    "guard.another": "To its owner alone.",
    "optout.stranger": "No more texts, stranger.",
    "optin.done": "Welcome back.",
    "guard.secret": "Never text that.",
    "guard.picture": "Please use words.",
    "guard.flood": "Too many texts; call {hotline}.",
    "guard.despair": "Be with somebody.",
    "guard.bereaved": "We are sorry.",
    "guard.robbed": "Call {hotline} now.",
    "callback.reminder": "We call {start:window}.",
    "callback.retry": "We call again {start:window}.",
    "callback.failed": "We called {tail} twice.",
    "by_mail.failed": "No mail to {address}.",
}
GUIDES = {"tour": Guide("tour", {"en": "Tour"}, {"en": ("Open the app", "Look around")})}

WHICH = ask("which", "choice", "gold", "blue")
MOVES = [
    ("which", "gold", "done"),
    ("which", "blue", "done"),
    ("which", "give_up", "person"),
    ("which", "silence", "kept"),
]
ENDS = (agent("person", topic="cards"), end("done"), end("kept", quiet=True))


def cards(*steps: Any, moves: list[tuple[str, str, str]] | None = None, **more: Any) -> Flow:
    return Flow("cards", *(steps or (WHICH, *ENDS)), moves=MOVES if moves is None else moves, **more)


def small(
    *flows: Flow,
    words: Mapping[str, str | None] | None = None,
    more: Mapping[str, Mapping[str, str]] | None = None,
    openers: Mapping[str, str] | None = None,
    guides: Mapping[str, Guide] = GUIDES,
) -> Catalogue:
    """A catalogue in English of these flows, `human` and `proof`; None in `words` takes a text away."""
    english = {key: text for key, text in {**WORDS, **(words or {})}.items() if text is not None}
    return Catalogue(
        flows={flow.name: flow for flow in (*(flows or (cards(),)), HUMAN, PROOF)},
        openers={meaning: Opener(flow, {}) for meaning, flow in (openers or {}).items()},  # type: ignore[misc]
        texts=Texts({"en": english, **(more or {})}, guides),
    )


def sentences(catalogue: Catalogue, **options: Any) -> list[str]:
    return [str(fault) for fault in check(catalogue, **options)]


def test_the_small_catalogue_itself_is_sound() -> None:
    assert sentences(small()) == []


def test_our_own_catalogue_is_sound() -> None:
    assert sentences(CATALOGUE, record=record(CATALOGUE)) == []


def test_every_flow_of_ours_speaks_both_languages_about_something() -> None:
    assert set(CATALOGUE.texts.languages) == {"zh-CN", "en"}
    assert len(CATALOGUE.texts.guides) >= 8


# ---- tables ------------------------------------------------------------------------------------------------


def without(*words: str) -> list[tuple[str, str, str]]:
    return [move for move in MOVES if move[1] not in words]


LOOKUP = lookup("asking", "bank.quota", proof=True)
LOOKUP_MOVES = [
    ("asking", when, "done") for when in ("found", "expired", "none", "other_card", "unproven", "failed", "silence")
]
PLAIN_ENDS = (end("done"),)

TABLES: dict[str, tuple[Catalogue, str]] = {
    "a wait without a move for silence": (
        small(cards(moves=[*without("silence"), ("done", "gold", "kept")])),
        "cards.which: waits but has no move for silence",
    ),
    "an option without a move": (
        small(cards(moves=without("blue"))),
        "cards.which: has no move for the answer blue",
    ),
    "a question that never gives up": (
        small(cards(moves=[*without("give_up"), ("which", "human_agent", "person")])),
        "cards.which: asks again but has no move for give_up; end with a person, or ask lightly",
    ),
    "giving up to nobody": (
        small(cards(moves=[*without("give_up"), ("which", "give_up", "kept"), ("which", "yes", "person")])),
        "cards.which: gives up to kept, which does not end with a person",
    ),
    "a move on a word that is never heard": (
        small(cards(moves=[*MOVES, ("which", "green", "done")])),
        "cards.which: has a move on green, which it can never hear",
    ),
    "two moves on one word": (
        small(cards(moves=[*MOVES, ("which", "gold", "kept")])),
        "cards.which: has two moves on gold; only the first would be taken",
    ),
    "a step that nothing leads to": (
        small(cards(WHICH, *ENDS, end("lost", quiet=True))),
        "cards.lost: is never reached; no move leads to it",
    ),
    "a step without a way out": (
        small(
            cards(
                WHICH, *ENDS, ask("trap", "nothing"),
                moves=[*without("silence"), ("which", "silence", "trap"), ("trap", "silence", "trap")],
            ),
            words={"cards.trap": "Hm."},
        ),
        "cards.trap: can reach neither an end nor another flow",
    ),
    "an end that is left": (
        small(cards(moves=[*MOVES, ("done", "gold", "kept")])),
        "cards.done: has moves, but a step of kind end is never left by one",
    ),
    "a question that nobody answers": (
        small(cards(lookup("asking", "bank.weather"), *PLAIN_ENDS, moves=[("asking", "silence", "done")])),
        "cards.asking: asks bank.weather, which is not in questions.py",
    ),
    "an outcome without a move": (
        small(cards(LOOKUP, *PLAIN_ENDS, moves=[move for move in LOOKUP_MOVES if move[1] != "expired"])),
        "cards.asking: has no move for the outcome expired",
    ),
    "a proof that may fail without a move": (
        small(cards(LOOKUP, *PLAIN_ENDS, moves=[move for move in LOOKUP_MOVES if move[1] != "unproven"])),
        "cards.asking: needs proof but has no move for unproven",
    ),
    "unproven where no proof is asked for": (
        small(cards(lookup("asking", "bank.quota"), *PLAIN_ENDS, moves=LOOKUP_MOVES)),
        "cards.asking: has a move on unproven, which it can never hear",
    ),
    "a figure without proof": (
        small(
            cards(
                lookup("asking", "bank.quota"), end("done", figures=True),
                moves=[move for move in LOOKUP_MOVES if move[1] != "unproven"],
            )
        ),
        "cards.done: tells a figure but can be reached without a lookup that needs proof",
    ),
    "a figure after proof failed": (
        small(cards(LOOKUP, end("done", figures=True), moves=LOOKUP_MOVES)),
        "cards.done: tells a figure but can be reached without a lookup that needs proof",
    ),
    "a way to a flow that does not exist": (
        small(
            cards(
                WHICH, *ENDS, go("away", "nowhere"),
                moves=[*without("silence"), ("which", "silence", "away"), ("which", "no", "kept")],
            )
        ),
        "cards.away: goes to nowhere, which is no flow",
    ),
    "a meaning that opens nothing": (
        small(openers={"quota_query": "quota"}),
        "quota: the meaning quota_query opens it, but there is no such flow",
    ),
    "a guide that does not exist": (
        small(
            cards(
                guide("which", of="cruise"), *ENDS,
                moves=[
                    *[("which", when, "person") for when in ("stuck", "give_up")], ("which", "done", "done"),
                    ("which", "stopped", "kept"), ("which", "silence", "kept"),
                ],
            ),
            words={key: None for key in WORDS if key.startswith("cards.which")},
        ),
        "cards.which: leads through cruise, which is no guide in texts/guides/",
    ),
    "flows that run in circles": (
        small(
            cards(
                lookup("asking", "ticket.flag"), go("on", "again"),
                moves=[("asking", when, "on") for when in ("done", "failed", "silence")],
            ),
            Flow("again", go("back", "cards"), moves=[]),
            words={key: None for key in WORDS if key.startswith(("cards.which", "cards.done"))},
        ),
        "again.back: can come back to itself without waiting for the customer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_fault_of_a_table_is_seen(name: str) -> None:
    catalogue, sentence = TABLES[name]
    assert sentence in sentences(catalogue)


def test_every_meaning_that_may_be_offered_has_a_label() -> None:
    which = ask("which", "choice", options_from="likely", fills="chosen")
    moves = [*without("gold", "blue"), ("which", "chosen", "opened")]
    flow = cards(which, go("opened", flow_from="chosen"), *ENDS[::2], moves=moves)
    words: dict[str, str | None] = {key: None for key in WORDS if key.startswith(("cards.which.options", "cards.done"))}
    words |= {"cards.which.say": "Did you mean[ {options}]?", "meaning.quota_query": "your limit"}
    openers = {"quota_query": "cards", "repayment_how": "cards"}
    assert sentences(small(flow, words=words, openers=openers)) == [
        "cards.which: has no label for repayment_how in en: 'en: cards.which.options.repayment_how'"
    ]
    words["meaning.repayment_how"] = "how to repay"
    assert sentences(small(flow, words=words, openers=openers)) == []


@pytest.mark.parametrize(
    ("moves", "sentence"),
    [
        ([*MOVES, ("which", "no", "nowhere")], "names nowhere, which is no step"),
        ([*MOVES, ("nowhere", "no", "done")], "names nowhere, which is no step"),
    ],
)
def test_a_flow_refuses_moves_between_steps_that_it_does_not_have(moves: list[Any], sentence: str) -> None:
    with pytest.raises(BadFlow, match=sentence):
        cards(moves=moves)


def test_a_flow_refuses_two_steps_of_one_name_and_a_successor_that_is_no_step() -> None:
    with pytest.raises(BadFlow, match="same name"):
        cards(WHICH, WHICH, *ENDS)
    with pytest.raises(BadFlow, match="the successor of old is new, which is no step"):
        cards(successors={"old": "new"})


def test_giving_up_may_lead_through_another_question_to_a_person() -> None:
    unsure = ask("sure", "yes_no")
    moves = [
        *without("give_up"),
        ("which", "give_up", "sure"),
        *[("sure", when, "kept") for when in ("yes", "no", "silence")],
        ("sure", "give_up", "person"),
    ]
    assert sentences(small(cards(WHICH, unsure, *ENDS, moves=moves), words={"cards.sure": "Sure?"})) == []


def test_a_light_question_needs_no_give_up() -> None:
    lightly = ask("which", "choice", "gold", "blue", lightly=True)
    moves = [*without("give_up"), ("which", "human_agent", "person")]
    words = {"cards.which.say": "Hello. [Reply {options}]"}
    assert sentences(small(cards(lightly, *ENDS, moves=moves), words=words)) == []


# ---- words -------------------------------------------------------------------------------------------------

WORDING: dict[str, tuple[dict[str, str | None], str]] = {
    "a step without words": ({"cards.done": None}, "cards.done: has no words in en"),
    "an option without a label": (
        {"cards.which.options.blue": None},
        "cards.which: has no label for blue in en: 'en: cards.which.options.blue'",
    ),
    "options that are not listed": (
        {"cards.which.say": "Which card?"},
        "cards.which: offers options that its words in en do not list",
    ),
    "a placeholder that nothing fills": (
        {"cards.done": "Thank you, {nickname}."},
        "cards.done: has a placeholder {nickname} in en that nothing fills",
    ),
    "a value that may be missing": (
        {"cards.done": "See you {start:window}."},
        "cards.done: may be said in en when start is not known; put it into [brackets]",
    ),
    "a form that does not exist": (
        {"cards.done": "Thank you, {customer:loudly}."},
        "cards.done: asks in en for the form loudly, which form.py does not have",
    ),
    "a code where none goes out": (
        {"cards.done": "Thank you. {code}"},
        "cards.done: shows {code}, but no code goes out with it in en",
    ),
    "a figure that is not marked": (
        {"cards.done": "Thank you.[ You have {available:money}.]"},
        "cards.done: tells available in en but is not marked figures",
    ),
    "an answer that works everywhere": (
        {"cards.which.options.blue": "Help"},
        "cards.which: offers help for blue in en, but that word works everywhere",
    ),
    "a synonym that works everywhere": (
        {"choices.blue": "azure, ＴＤ"},
        "cards.which: offers td for blue in en, but that word works everywhere",
    ),
    "a word that chooses two options": (
        {"choices.gold": "metal", "choices.blue": "Metal"},
        "cards.which: metal would choose both gold and blue in en",
    ),
    "a text of more than three parts": (
        {"cards.done": "很" * 192},
        "cards.done: can take 4 parts in en (192 characters)",
    ),
    "options that make a text too long": (
        {"cards.which.options.blue": "b" * 180},
        "cards.which: can take 4 parts in en (202 characters)",
    ),
    "a flow without a name": (
        {"cards.title": None},
        "cards.title: is missing in en; a hand-back names the flow by it",
    ),
    "words for a step that does not exist": (
        {"cards.wich": "Which?"},
        "cards.wich: has words in en, but the flow has no such step",
    ),
}


@pytest.mark.parametrize("name", WORDING)
def test_a_fault_of_the_words_is_seen(name: str) -> None:
    words, sentence = WORDING[name]
    assert sentences(small(words=words)) == [sentence]


def test_three_full_parts_are_still_allowed() -> None:
    assert sentences(small(words={"cards.done": "很" * 191})) == []  # 201 units with the signature's ten


def test_a_text_in_one_language_only_is_seen() -> None:
    chinese = {key: text for key, text in WORDS.items() if key != "cards.done"}
    guides = {"tour": Guide("tour", {"en": "Tour", "zh-CN": "看看"}, {"en": ("a", "b"), "zh-CN": ("甲", "乙")})}
    found = sentences(small(more={"zh-CN": chinese}, guides=guides))
    assert found == [
        "cards.done: has no words in zh-CN",
        "cards.done: has words in another language, but none in zh-CN",
    ]


def test_guides_have_the_same_steps_in_every_language() -> None:
    uneven = {"tour": Guide("tour", {"en": "Tour", "zh-CN": "看看"}, {"en": ("a", "b"), "zh-CN": ("甲",)})}
    assert any("differ in their number" in told for told in sentences(small(more={"zh-CN": WORDS}, guides=uneven)))
    one = {"tour": Guide("tour", {"zh-CN": "看看"}, {"zh-CN": ("甲",)})}
    assert "guide_tour: has no steps in en" in sentences(small(guides=one))


def test_a_light_question_says_what_it_can_without_its_options() -> None:
    lightly = ask("which", "choice", "gold", "blue", lightly=True)
    found = sentences(small(cards(lightly, *ENDS, moves=[*without("give_up"), ("which", "human_agent", "person")])))
    assert found == ["cards.which: may be said in en when options is not known; put it into [brackets]"]


def test_a_code_goes_out_once() -> None:
    coded = ask("which", "code", code=True)
    flow = cards(coded, *ENDS, moves=[*without("gold", "blue"), ("which", "digits", "done")])
    words: dict[str, str | None] = {f"cards.which.options.{name}": None for name in ("gold", "blue")}
    words["cards.which.say"] = "Your code is {code}."
    assert sentences(small(flow, words=words)) == ["cards.which: needs words `again` in en: a code goes out once"]
    words["cards.which.again"] = "Your code is still {code}."
    assert sentences(small(flow, words=words)) == [
        "cards.which.again: shows {code}, but no code goes out with it in en"
    ]
    words["cards.which.again"] = "Please send the code."
    assert sentences(small(flow, words=words)) == []


def test_the_caller_may_bring_the_true_count_of_parts() -> None:
    assert sentences(small(), count=lambda text: 1 + len(text) // 1000) == []
    assert sentences(small(), count=lambda text: 4) != []


# ---- what was published ------------------------------------------------------------------------------------


def test_a_step_that_vanished_needs_a_successor() -> None:
    last = {"cards": ["which", "color"], "human": [], "proof": []}
    assert sentences(small(), record=last) == [
        "cards.color: was published and is gone; name its successor in `successors`"
    ]
    assert sentences(small(cards(successors={"color": "which"})), record=last) == []


def test_a_step_that_stopped_waiting_is_seen() -> None:
    found = sentences(small(cards(successors={"color": "done"})), record={"cards": ["color"]})
    assert found == ["cards.color: customers may wait in it, but done does not wait any more"]


def test_a_flow_that_vanished_is_seen() -> None:
    found = sentences(small(), record={"stamps": ["which"]})
    assert found == ["stamps: was published and is gone; keep it until nobody waits in it, then publish"]


def test_what_is_recorded_are_the_waiting_steps() -> None:
    assert record(small()) == {"cards": ["which"], "human": [], "proof": []}
