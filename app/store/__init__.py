"""WHAT WE REMEMBER. SQLAlchemy 2 typed tables, and the few statements that touch them."""
