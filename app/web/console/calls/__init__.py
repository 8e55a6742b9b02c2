"""Callbacks, and the figures of the day."""
