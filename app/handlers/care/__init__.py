"""Texts that start conversations: planned, written, let go, followed, answered and counted."""
