"""What keeps open pages live."""
