"""The checker's plain SQL, good for SQLite and PostgreSQL."""

from __future__ import annotations

CLAIMED = "SELECT id FROM messages WHERE phone = :phone AND state = 'sending'"
FROM_HANDSET = "SELECT body FROM text WHERE phone = ? AND id > ? AND id < ? AND NOT to_handset"
OWNERS = "SELECT id, phone, gateway_id FROM messages WHERE gateway_id IS NOT NULL"
STORED_TWICE = "SELECT gateway_id, count(*) AS times FROM inbound GROUP BY gateway, gateway_id HAVING count(*) > 1"
TURNS = """
SELECT c.phone, c.version, count(t.id) AS traces
FROM conversations c LEFT JOIN trace t ON t.phone = c.phone GROUP BY c.phone, c.version
"""
OVERTAKEN = """
SELECT w.id AS waiting, i.id AS taken FROM inbound w
JOIN inbound i ON i.phone = w.phone AND i.id > w.id AND i.state = 'taken'
JOIN trace t ON t.inbound_id = i.id WHERE w.state = 'waiting'
"""
OF_TURNS = """
SELECT id FROM messages WHERE author = 'bot' AND purpose IN ('answer', 'code')
"""

PARTIAL = {
    "a taken text without a trace": """
        SELECT i.id FROM inbound i WHERE i.state = 'taken' AND i.phone LIKE '+%'
        AND NOT EXISTS (SELECT 1 FROM trace t WHERE t.inbound_id = i.id AND t.event = 'heard')""",
    "a trace of a text that is not taken": """
        SELECT t.inbound_id FROM trace t WHERE t.inbound_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM inbound i WHERE i.id = t.inbound_id AND i.state = 'taken')""",
    "a turn without its conversation": """
        SELECT t.phone FROM trace t
        WHERE NOT EXISTS (SELECT 1 FROM conversations c WHERE c.phone = t.phone AND c.version > 0)""",
    "a conversation that moved without a turn": """
        SELECT c.phone FROM conversations c WHERE c.version > 0
        AND NOT EXISTS (SELECT 1 FROM trace t WHERE t.phone = c.phone)""",
    "an answer without its text": """
        SELECT m.id FROM messages m WHERE m.inbound_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM inbound i WHERE i.id = m.inbound_id AND i.state = 'taken')""",
    "two answers to one text": """
        SELECT inbound_id FROM messages WHERE inbound_id IS NOT NULL GROUP BY inbound_id HAVING count(*) > 1""",
    "a code that was issued and not told": """
        SELECT o.id FROM one_time_codes o WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.code_id = o.id)""",
    "a code that was told and not issued": """
        SELECT m.id FROM messages m WHERE m.code_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM one_time_codes o WHERE o.id = m.code_id AND o.phone = m.phone)""",
    "a question to the bank without its turn": """
        SELECT q.id FROM bank_questions q
        WHERE NOT EXISTS (SELECT 1 FROM trace t WHERE t.phone = q.phone AND t.at = q.asked_at)""",
    "a booking without its timer": """
        SELECT c.id FROM callbacks c WHERE c.state = 'booked' AND NOT EXISTS
        (SELECT 1 FROM timers t WHERE t.subject = c.id AND t.name = 'callback_missed')""",
    "a timer of nothing": """
        SELECT t.id FROM timers t WHERE
        (t.name = 'promise' AND NOT EXISTS (SELECT 1 FROM tickets k WHERE k.id = t.subject AND k.phone = t.phone))
        OR (t.name LIKE 'callback%' AND NOT EXISTS
            (SELECT 1 FROM callbacks c WHERE c.id = t.subject AND c.phone = t.phone AND c.state = 'booked'))""",
    "a reply's consent without its text": """
        SELECT c.id FROM consents c WHERE c.source = 'reply' AND NOT EXISTS
        (SELECT 1 FROM inbound i
         WHERE 'inbound:' || i.id = c.evidence AND i.phone = c.phone AND i.state <> 'waiting')""",
    "an owner without a claimed ticket": """
        SELECT c.phone FROM conversations c WHERE c.owner <> 'bot' AND NOT EXISTS
        (SELECT 1 FROM tickets k WHERE k.phone = c.phone AND k.state = 'claimed' AND 'agent:' || k.agent = c.owner)""",
    "a claimed talk whose conversation the bot owns": """
        SELECT k.id FROM tickets k JOIN conversations c ON c.phone = k.phone
        WHERE k.kind = 'talk' AND k.state = 'claimed' AND c.owner <> 'agent:' || k.agent""",
}
"""What is wrong -> the rows that show it. None of them may ever give a row."""

UNFINISHED = (
    (1, "a text still waits", "SELECT id FROM inbound WHERE state = 'waiting'"),
    (7, "a send was never settled", "SELECT id FROM messages WHERE state IN ('sending', 'unsettled')"),
    (4, "a message never left", "SELECT id FROM messages WHERE state = 'queued'"),
    (4, "a question is still open", "SELECT id FROM bank_questions WHERE state = 'open'"),
    (
        8,
        "a receipt has no effect",
        "SELECT m.id FROM messages m JOIN receipts r ON r.message_id = m.id AND r.gateway_id = m.gateway_id "
        "WHERE m.status < r.status AND (m.status < 40 OR r.status >= 50)",
    ),
)
