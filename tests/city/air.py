"""A small honest day, made by hand: the service's rows and what was on the air, which fit together. Tests break it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from app.city.checker import Checker
from app.city.evidence import Evidence
from app.city.ledger import Act, Ledger, Off, Text, Told, Try
from app.city.looks import Looks
from app.store import tables
from app.store.database import Database

START = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
WANG, LI = "+8613800000001", "+8613800000002"
CHEN, SUN = "+8613800000004", "+8613800000005"
"""To whom programmes write: a reminder and a greeting."""
REMINDER = "【示例银行】王先生，还款日快到了。金额和日期回复ZD查询。"
BIRTHDAY = "【示例银行】生日快乐！谢谢您一直以来的信任。拒收请回复TD"
BENEFIT = "【示例银行】优质客户可享部分利息减免。拒收请回复TD"
AMOUNTS = {WANG: frozenset({"50,000.11"}), LI: frozenset({"50,002.11"})}


def clock(moment: float) -> datetime:
    """The city's second 0 is `START`; one second is one second."""
    return START + timedelta(seconds=moment)


@dataclass
class Day:
    """`said` and `answered` write both sides of a text; `run` and `add` change the rows alone."""

    url: str

    def __post_init__(self) -> None:
        self.database = Database(self.url, threads=1)
        tables.Base.metadata.create_all(self.database.engine)
        self.ledger = Ledger()
        self.looks = Looks(self.url)
        self.logs: dict[str, str] = {}
        self.evidence = Evidence(self.looks, self.ledger, clock, AMOUNTS, logs=lambda: self.logs)
        self.checker = Checker(self.evidence)

    def close(self) -> None:
        self.looks.close()
        self.database.close()

    def broken(self) -> set[str]:
        """The laws that the checker finds broken."""
        return {law for law, found in self.checker.verdict().items() if found}

    def add(self, table: type[tables.Base], **values: Any) -> None:
        with self.database.begin() as connection:
            connection.execute(insert(table).values(values))

    def run(self, statement: str) -> None:
        with self.database.begin() as connection:
            connection.execute(text(statement))

    # ---- both sides of one thing --------------------------------------------------------------------------------

    def said(self, number: int, phone: str, body: str, at: float, path: tuple[str, ...] = ()) -> Text:
        """A text that was stored, acknowledged half a second later, and took effect."""
        sid = f"SM-in-{number}"
        self.add(
            tables.Inbound,
            id=number,
            gateway="twilio",
            gateway_id=sid,
            phone=phone,
            recipient="+15550100000",
            body=body,
            media=0,
            raw={},
            received_at=clock(at),
            state="taken",
        )
        self.add(tables.Trace, phone=phone, inbound_id=number, event="heard", detail={"path": list(path)}, at=clock(at))
        told = self.ledger.texts[sid] = Text(sid, phone, body, at, acknowledged=at + 0.5)
        return told

    def answered(self, number: int, phone: str, body: str, at: float, **row: Any) -> Try:
        """A text of ours that the gateway took and delivered."""
        sid = f"SM-out-{number}"
        values = {
            "template": "words",
            "purpose": "answer",
            "lane": 0,
            "inbound_id": None,
            "state": "handed",
            "status": 40,
        }
        values |= {"expires_at": clock(at + 600), "gateway_id": sid} | row
        self.add(
            tables.Message,
            id=number,
            phone=phone,
            body=body,
            parts=1,
            created_at=clock(at - 1),
            due_at=clock(at - 1),
            gateway="twilio",
            **values,
        )
        one = Try(number, phone, body, at, sid, True, "ok")
        self.ledger.tries.append(one)
        self.ledger.told.append(Told(number, sid, "delivered", at + 1))
        return one

    def cared(self, number: int, phone: str, body: str, at: float, **other: Any) -> Try:
        """A text of a programme that the gateway took, and its occasion."""
        programme, purpose = other.pop("programme", "birthday"), other.pop("purpose", "commercial")
        self.occasion(number, phone, at, programme=programme, purpose=purpose, message_id=number)
        row = {"template": f"care.{programme}@0", "lane": 2, "handed_at": clock(at)} | other
        one = replace(self.answered(number, phone, body, at, purpose=purpose, **row), valid=600)
        self.ledger.tries[-1] = one
        return one

    def occasion(self, number: int, phone: str, at: float, **other: Any) -> None:
        """Queued two seconds before `at`."""
        row = {"programme": "birthday", "purpose": "commercial", "kind": "care", "state": "queued", "message_id": None}
        self.add(
            tables.Occasion,
            id=number,
            customer_id=phone,
            phone=phone,
            template="words",
            language="zh-CN",
            given={},
            menu={},
            due_at=clock(at),
            closes_at=clock(3600),
            planned_at=clock(0),
            queued_at=clock(at - 2),
            **{"occasion": f"2026-06-10:{number}", **row, **other},
        )

    def replied(self, number: int, phone: str, body: str, at: float, answers: int, meaning: str) -> Text:
        """A text that answers a programme's, and the row that says so."""
        told = self.said(number, phone, body, at)
        told.answers = answers
        self.add(
            tables.Response,
            inbound_id=number,
            occasion_id=answers,
            phone=phone,
            meaning=meaning,
            confidence=1.0,
            at=clock(at),
        )
        return told

    def again(self, one: Try, **other: Any) -> None:
        """The same request once more, but for what is given."""
        self.ledger.tries.append(replace(one, **other))


def honest(folder: Path) -> Day:
    """Codes asked and returned, a refusal that is heeded and lifted, a person who was called, two programmes that are
    answered, of which one is switched off: no law is broken."""
    day = Day(f"sqlite:///{folder}/day.db")
    day.said(1, WANG, "额度", 10)
    day.answered(1, WANG, "验证码 123456", 12, inbound_id=1, purpose="code")
    day.said(2, WANG, "123456", 20, ("proof.proven",))
    day.answered(2, WANG, "可用额度50,000.11元", 22, inbound_id=2)
    day.answered(3, LI, "优惠", 30, purpose="commercial", lane=2)
    refusal = day.said(3, LI, "TD", 40)
    refusal.looked = 41
    day.answered(4, LI, "已退订", 42, inbound_id=3)
    day.said(4, LI, "HF", 60)
    day.answered(5, LI, "优惠", 70, purpose="commercial", lane=2)
    for what, at in (("claim", 80.0), ("reply", 81.0), ("release", 82.0)):
        day.ledger.acts.append(Act(1, "an", what, at + 0.1, True))
    day.ledger.acts.append(Act(1, "bo", "claim", 80.2, False))
    day.ledger.acts.append(Act(1, "bo", "claim", 83.1, True))
    day.cared(20, CHEN, REMINDER, 200, programme="repayment_reminder", purpose="reminder")
    day.replied(20, CHEN, "ZD", 210, 20, "chosen")
    day.cared(21, SUN, BIRTHDAY, 220)
    day.replied(21, SUN, "TD", 500, 21, "refused").looked = 501
    day.ledger.offs.append(Off("repayment_reminder", 300, frozenset()))
    day.ledger.texts["SM-forged"] = Text("SM-forged", WANG, "额度", 90, forged=True)
    return day
