"""Accounts of the bank's people: signing in, passwords, the second factor, and who they are."""
