"""Where a one-time code belongs in a stored text; the reader, the words and the sender all look for it."""

CODE = "{code}"
"""Stands in a stored body for the one-time code, which is put in only while the text leaves (A11)."""
