"""WHAT THE BANK KNOWS. A port and its adapters: our own tables, or the bank's HTTP service."""
