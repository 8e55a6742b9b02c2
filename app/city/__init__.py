"""A city of scripted customers and a hostile gateway around the real service, and a checker that trusts neither."""
