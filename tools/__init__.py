"""What `make` uses to prepare a checkout. Each module is run as `python -m tools.NAME`."""
