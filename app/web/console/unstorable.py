"""What no database holds is refused before any view reads it: NUL and lone surrogates in words, numbers too large."""

from __future__ import annotations

from flask import abort, request

from app.store.clean import storable

BEYOND = 2**63
"""The first number that no row's id can be."""
SIGN_IN = "console.try_password"
"""Copes with any words by itself: a try is a try, and stands in the audit."""


def refuse_unstorable() -> None:
    """400 for words that PostgreSQL refuses (no page sends them), 404 for an id that no row has."""
    if any(isinstance(value, int) and value >= BEYOND for value in (request.view_args or {}).values()):
        abort(404)
    if request.endpoint == SIGN_IN:
        return
    for given in (request.args, request.form):
        if any(storable(value) != value for values in given.lists() for value in values[1]):
            abort(400)
