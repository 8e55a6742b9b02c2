"""Who may open which route of the console: one line a route, `endpoint: roles`. A route that stands here not, or whose
door says something else, fails `test_roles.py`. `ANYBODY` is open before sign-in.
"""

from __future__ import annotations

ANYBODY = None
ALL = {"agent", "supervisor", "operator", "auditor"}
DESK = {"agent", "supervisor"}

PERMITTED: dict[str, set[str] | None] = {
    # frame
    "console.static": ANYBODY,
    "console.home": ALL,
    "console.login": ANYBODY,
    "console.try_password": ANYBODY,
    "console.second_step": ANYBODY,
    "console.try_code": ANYBODY,
    "console.logout": ALL,
    "console.choose_language": ANYBODY,
    "console.choose_theme": ANYBODY,
    "console.status": DESK,
    "console.account": ALL,
    "console.end_others": ALL,
    "console.password": ALL,
    "console.change_password": ALL,
    "console.factor": ALL,
    "console.prove_factor": ALL,
    "console.drop_factor": ALL,
    # queue and talk
    "console.queue": DESK,
    "console.claim_ticket": DESK,
    "console.ticket": DESK,
    "console.reply": DESK,
    "console.judge": DESK,
    "console.add_note": DESK,
    "console.ask_code": DESK,
    "console.reveal": DESK,
    "console.transfer": DESK,
    "console.release": DESK,
    "console.close": DESK,
    "console.take_over": {"supervisor"},
    "console.reassign": {"supervisor"},
    # live
    "console.events": DESK,
    "console.changes": DESK,
    "console.alive": DESK,
    # callbacks and figures
    "console.callbacks": DESK,
    "console.callbacks_start": DESK,
    "console.callbacks_outcome": DESK,
    "console.figures": {"supervisor"},
    "console.figures_csv": {"supervisor"},
    # office
    "console.hours": {"supervisor", "operator"},
    "console.hours_week": {"supervisor", "operator"},
    "console.hours_days": {"supervisor", "operator"},
    "console.hours_days_drop": {"supervisor", "operator"},
    "console.hours_words": {"supervisor", "operator"},
    "console.hours_words_preview": {"supervisor", "operator"},
    "console.replies": {"operator"},
    "console.replies_write": {"operator"},
    "console.replies_remove": {"operator"},
    "console.replies_restore": {"operator"},
    "console.replies_preview": {"operator"},
    "console.people": {"supervisor"},
    "console.people_add": {"supervisor"},
    "console.people_work": {"supervisor"},
    "console.people_act": {"supervisor"},
    "console.settings": {"operator"},
    "console.settings_routing": {"operator"},
    "console.settings_access": {"operator"},
    "console.settings_survey": {"operator"},
    "console.search": DESK,
    "console.search_look": DESK,
    "console.audit": {"auditor"},
    "console.audit_export": {"auditor"},
}

# What each route that takes a change writes into the audit, in the transaction that makes it; empty for what changes
# nothing that outlives a minute. Each of these words stands in a test that watches it being written.
AUDITED: dict[str, set[str]] = {
    # frame
    "console.try_password": {"session.begin", "session.refuse", "session.lock"},
    "console.try_code": {"session.begin", "session.refuse", "session.lock"},
    "console.logout": {"session.end"},
    "console.choose_language": {"account.interface"},
    "console.choose_theme": {"account.theme"},
    "console.status": {"agent.status"},
    "console.end_others": {"session.end_others"},
    "console.change_password": {"account.password"},
    "console.prove_factor": {"account.factor"},
    "console.drop_factor": {"account.factor_dropped"},
    # queue and talk
    "console.claim_ticket": {"ticket.claim"},
    "console.reply": {"ticket.reply"},
    "console.judge": set(),
    "console.add_note": {"note.add"},
    "console.ask_code": {"code.ask"},
    "console.reveal": {"customer.reveal"},
    "console.transfer": {"ticket.transfer"},
    "console.release": {"ticket.release"},
    "console.close": {"ticket.close"},
    "console.take_over": {"ticket.take_over"},
    "console.reassign": {"ticket.reassign"},
    # live
    "console.alive": set(),
    # callbacks and figures
    "console.callbacks_start": {"callback.start"},
    "console.callbacks_outcome": {"callback.reached", "callback.no_answer", "callback.wrong_number", "callback.rebook"},
    # office
    "console.hours_week": {"working_hours.set"},
    "console.hours_days": {"closures.set"},
    "console.hours_days_drop": {"closures.set"},
    "console.hours_words": {"wording.set"},
    "console.hours_words_preview": set(),
    "console.people_add": {"agent.add"},
    "console.people_act": {
        "agent.reset",
        "agent.disable",
        "agent.enable",
        "agent.unlock",
        "agent.role",
        "agent.end_sessions",
    },
    "console.people_work": {"agent.work"},
    "console.replies_write": {"reply.add", "reply.edit"},
    "console.replies_remove": {"reply.remove"},
    "console.replies_restore": {"reply.restore"},
    "console.replies_preview": set(),
    "console.search_look": {"search.look"},
    "console.settings_access": {"sessions.set", "second_factor.set"},
    "console.settings_routing": {"routing.set"},
    "console.settings_survey": {"survey.set"},
    "console.audit_export": {"audit.export"},
}
