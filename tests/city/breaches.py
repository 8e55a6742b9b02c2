"""Breaches of the laws of texts and of sends, made in an honest day (`air.py`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.city.ledger import Act
from app.store import tables
from tests.city.air import LI, WANG, Day, clock

Breach = Callable[[Day], None]


def lose_a_text(day: Day) -> None:
    day.run("DELETE FROM trace WHERE inbound_id = 4")
    day.run("DELETE FROM inbound WHERE id = 4")


def fail_in_silence(day: Day) -> None:
    day.run("UPDATE inbound SET state = 'failed' WHERE id = 4")
    day.run("DELETE FROM trace WHERE inbound_id = 4")


def store_and_forget(day: Day) -> None:
    day.run("DELETE FROM trace WHERE inbound_id = 4")


def take_twice(day: Day) -> None:
    day.add(tables.Trace, phone=LI, inbound_id=4, event="heard", detail={}, at=clock(61))


def answer_twice(day: Day) -> None:
    day.answered(9, LI, "已恢复", 62, inbound_id=4)
    day.answered(10, LI, "已恢复", 63, inbound_id=4)


def take_out_of_order(day: Day) -> None:
    day.run("UPDATE trace SET inbound_id = -1 WHERE inbound_id = 1")
    day.run("UPDATE trace SET inbound_id = 1 WHERE inbound_id = 2")
    day.run("UPDATE trace SET inbound_id = 2 WHERE inbound_id = -1")


def store_out_of_order(day: Day) -> None:
    """What was said after the other had been acknowledged stands before it."""
    day.ledger.texts["SM-in-1"].posted = 30


def answer_out_of_order(day: Day) -> None:
    first, second = day.ledger.tries[0], day.ledger.tries[1]
    day.ledger.tries[:2] = [replace(first, at=23.5), replace(second, at=23.0)]


def tear_a_turn(day: Day) -> None:
    day.run("UPDATE inbound SET state = 'failed' WHERE id = 3")


def advertise_after_the_refusal(day: Day) -> None:
    day.answered(9, LI, "优惠", 50, purpose="commercial", lane=2)


def repeat_what_was_under_way(day: Day) -> None:
    """Sent once more after the refusal; the one that was under way when it came is excused, but not a second try."""
    one = day.answered(9, LI, "优惠", 40.7, purpose="commercial", lane=2)
    day.ledger.texts["SM-in-3"].in_flight = frozenset({9})
    day.again(one, at=50, gateway_id="", answer="429")


def advertise_after_the_second_refusal(day: Day) -> None:
    day.said(5, LI, "STOP", 75).looked = 76
    day.answered(9, LI, "优惠", 80, purpose="commercial", lane=2)


def advertise_by_a_reminder(day: Day) -> None:
    """The row says that it is no offer; the customer reads one."""
    day.answered(9, LI, "优惠。拒收请回复TD", 50, purpose="reminder")


def own_twice(day: Day) -> None:
    day.ledger.acts.append(Act(1, "cai", "claim", 84.1, True))


def reply_without_holding(day: Day) -> None:
    day.ledger.acts.append(Act(1, "an", "reply", 84.1, True))


def own_without_a_ticket(day: Day) -> None:
    day.add(
        tables.Conversation, phone=WANG, language="zh-CN", memory={}, owner="agent:an", version=1, updated_at=clock(1)
    )


def own_what_only_another_may_hold(day: Day) -> None:
    """The database went away while cai claimed it; then bo claimed it as well, and cai replied."""
    day.ledger.acts.append(Act(1, "bo", "release", 83.5, True))
    day.ledger.acts.append(Act(1, "cai", "claim", 84.1, None))
    day.ledger.acts.append(Act(1, "bo", "claim", 85.1, True))
    day.ledger.acts.append(Act(1, "cai", "reply", 86.1, True))


def send_twice(day: Day) -> None:
    day.again(day.ledger.tries[1], at=25, gateway_id="SM-again")


def send_after_a_pause(day: Day) -> None:
    """Stopped for longer than its lease; another process took the text over and sent it; then it went on."""
    day.again(day.ledger.tries[0], at=90, gateway_id="SM-again", told=True)


def repeat_blindly(day: Day) -> None:
    """The first request may have been taken: no answer told."""
    day.again(day.ledger.tries[1], at=21, gateway_id="", told=False, answer="lost 500")


def forget_a_send(day: Day) -> None:
    day.run("UPDATE messages SET gateway_id = NULL, state = 'failed' WHERE id = 2")


def believe_a_send(day: Day) -> None:
    day.run("UPDATE messages SET gateway_id = 'SM-never' WHERE id = 2")


def advertise_after_a_pause(day: Day) -> None:
    """Claimed, then the process stood still, and went on after the refusal as if nothing had been."""
    day.answered(9, LI, "优惠", 55, purpose="commercial", lane=2)


def tell_a_figure_after_a_pause(day: Day) -> None:
    day.answered(9, WANG, "可用额度50,000.11元", 621, expires_at=clock(900))


def give_one_send_to_two(day: Day) -> None:
    day.run("DROP INDEX uq_messages_gateway_id")
    day.answered(9, LI, "已恢复", 61, gateway_id="SM-out-4")
    del day.ledger.tries[-1]


def mistake_one_for_another(day: Day) -> None:
    """The same words twice; the callback of the second said which of them had been taken."""
    lost = day.answered(9, LI, "您好", 90, gateway_id="SM-out-10")
    taken = day.answered(10, LI, "您好", 95, gateway_id=None, state="failed")
    day.ledger.tries[-2:] = [replace(lost, gateway_id="", told=False, answer="lost 500"), taken]


def let_a_status_fall(day: Day) -> None:
    day.checker.observe()
    day.run("UPDATE messages SET status = 3 WHERE id = 2")
    day.ledger.told.clear()


def replace_a_final_status(day: Day) -> None:
    day.checker.observe()
    day.run("UPDATE messages SET status = 41 WHERE id = 2")


def let_a_status_fall_and_rise(day: Day) -> None:
    for status in (40, 3, 40):
        day.run(f"UPDATE messages SET status = {status} WHERE id = 2")
        day.checker.observe()


def ignore_a_callback(day: Day) -> None:
    day.run("UPDATE messages SET status = 1 WHERE id = 2")


def tell_without_a_code(day: Day) -> None:
    day.answered(9, LI, "可用额度50,002.11元", 90)


def tell_too_late(day: Day) -> None:
    day.answered(9, WANG, "可用额度50,000.11元", 700)


def tell_what_was_never_returned(day: Day) -> None:
    """The service believes in a proof, but no code ever came back on the air."""
    day.ledger.texts["SM-in-2"].body = "654321"


def tell_somebody_elses(day: Day) -> None:
    day.answered(9, WANG, "可用额度50,002.11元", 90)


def take_a_forged_text(day: Day) -> None:
    day.ledger.texts["SM-forged"].acknowledged = 91


def store_a_forged_text(day: Day) -> None:
    day.said(9, WANG, "额度", 90)
    day.ledger.texts["SM-in-9"].forged = True


def answer_an_auto_responder(day: Day) -> None:
    day.said(9, WANG, "我正在开车，稍后联系您", 90).machine = "auto-responder"
    day.answered(9, WANG, "您好", 91, inbound_id=9)


def talk_to_oneself(day: Day) -> None:
    for number in range(10, 16):
        day.said(number, WANG, "【示例银行】您好", 80 + number).machine = "echo"
        day.answered(number, WANG, "您好", 80.5 + number, inbound_id=number)


def send_what_is_stale(day: Day) -> None:
    """Queued for an hour because nobody was woken when Redis had forgotten everything, and then sent all the same."""
    day.answered(9, WANG, "您好", 3700, expires_at=clock(700))


def keep_a_card_number(day: Day) -> None:
    day.said(9, WANG, "我的卡号是6222021234567890", 90).secret = "6222021234567890"


def repeat_a_card_number(day: Day) -> None:
    day.said(9, WANG, "我的卡号是••••", 90).secret = "6222021234567890"
    day.answered(9, WANG, "您的卡号6222021234567890", 91)


def log_a_number(day: Day) -> None:
    day.logs["web1"] = f"deadlock: Key (phone)=({WANG}) already exists"


def log_a_secret(day: Day) -> None:
    day.said(9, WANG, "密码是••••", 90).secret = "Zq123456k"
    day.logs["web1"] = "turn failed: 密码是Zq123456k"


def forget_what_redis_forgot(day: Day) -> None:
    """After a FLUSHALL nobody looks into the rows by themselves (law 12)."""
    day.run("UPDATE messages SET state = 'queued', gateway_id = NULL WHERE id = 5")
    del day.ledger.tries[-1], day.ledger.told[-1]


def leave_a_text_waiting(day: Day) -> None:
    day.run("UPDATE inbound SET state = 'waiting' WHERE id = 4")


def leave_a_send_open(day: Day) -> None:
    day.run("UPDATE messages SET state = 'unsettled' WHERE id = 2")


def never_acknowledge(day: Day) -> None:
    day.ledger.texts["SM-in-4"].acknowledged = None


BREACHES: list[tuple[str, Breach]] = [
    ("texts acknowledged and lost", lose_a_text),
    ("texts acknowledged and lost", fail_in_silence),
    ("texts acknowledged and lost", store_and_forget),
    ("turns applied twice", take_twice),
    ("turns applied twice", answer_twice),
    ("texts or answers out of order", take_out_of_order),
    ("texts or answers out of order", store_out_of_order),
    ("texts or answers out of order", answer_out_of_order),
    ("turns torn apart", tear_a_turn),
    ("commercial texts after a refusal", advertise_after_the_refusal),
    ("commercial texts after a refusal", repeat_what_was_under_way),
    ("commercial texts after a refusal", advertise_after_the_second_refusal),
    ("commercial texts after a refusal", advertise_after_a_pause),
    ("commercial texts after a refusal", advertise_by_a_reminder),
    ("conversations with two owners", own_twice),
    ("conversations with two owners", reply_without_holding),
    ("conversations with two owners", own_without_a_ticket),
    ("conversations with two owners", own_what_only_another_may_hold),
    ("sends repeated", send_twice),
    ("sends repeated", repeat_blindly),
    ("sends repeated", send_after_a_pause),
    ("sends lost from sight", forget_a_send),
    ("sends lost from sight", believe_a_send),
    ("sends lost from sight", give_one_send_to_two),
    ("sends lost from sight", mistake_one_for_another),
    ("statuses gone backwards", let_a_status_fall),
    ("statuses gone backwards", replace_a_final_status),
    ("statuses gone backwards", let_a_status_fall_and_rise),
    ("statuses gone backwards", ignore_a_callback),
    ("figures told without proof", tell_without_a_code),
    ("figures told without proof", tell_too_late),
    ("figures told without proof", tell_what_was_never_returned),
    ("figures told without proof", tell_somebody_elses),
    ("figures told without proof", tell_a_figure_after_a_pause),
    ("forged requests taken", take_a_forged_text),
    ("forged requests taken", store_a_forged_text),
    ("machines answered", answer_an_auto_responder),
    ("machines answered", talk_to_oneself),
    ("texts that left too late", send_what_is_stale),
    ("secrets kept or logged", keep_a_card_number),
    ("secrets kept or logged", repeat_a_card_number),
    ("secrets kept or logged", log_a_number),
    ("secrets kept or logged", log_a_secret),
    ("work left undone", leave_a_text_waiting),
    ("work left undone", forget_what_redis_forgot),
    ("work left undone", leave_a_send_open),
    ("work left undone", never_acknowledge),
]
