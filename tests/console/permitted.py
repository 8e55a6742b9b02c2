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
