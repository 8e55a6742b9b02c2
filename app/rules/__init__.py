"""WHAT MAY BE SENT, and when people are there. Pure."""
