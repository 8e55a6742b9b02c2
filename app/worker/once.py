"""All jobs in one pass, by the caller's own thread: for the terminal phone, and wherever nothing runs beside."""

from __future__ import annotations

from app.handlers.bank_answered import ask_bank
from app.handlers.care.companions import send_companions
from app.handlers.care.daily import look_after_programmes
from app.handlers.service import Service
from app.handlers.staff_watched import make_offers, return_left_behind
from app.handlers.text_leaves import drain
from app.handlers.text_looked_up import look_up_open
from app.handlers.time_passed import end_silences, ring_timers, take_waiting_texts


def work_once(service: Service) -> int:
    """Does what is due now. How much was done: 0 means that nothing is due."""
    return (
        take_waiting_texts(service)
        + end_silences(service)
        + ring_timers(service)
        + return_left_behind(service)
        + make_offers(service)
        + ask_bank(service)
        + look_after_programmes(service)
        + drain(service)
        + look_up_open(service)
        + send_companions(service)
    )
