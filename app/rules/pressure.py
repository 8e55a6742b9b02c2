"""Back-pressure: offers and reminders wait while answers pile up, since they share the sender and the machine."""

from __future__ import annotations

SECONDS_BEHIND = 5.0
"""How far answers may fall behind before everything else waits for them."""


def bulk_rests(*, due: int, late: int, rate: float, at_once: int) -> bool:
    """Whether nothing but answers may leave now.

    `due`: parts of answers that wait. With a send rate (parts a second) they are too many when they need more than
    `SECONDS_BEHIND` of it. Without one nobody knows the capacity: then it is judged by what has waited that long
    (`late`, parts), and more than one process sends `at_once` is too much, a single stuck number is not.
    """
    if rate > 0:
        return due > rate * SECONDS_BEHIND
    return late > at_once
