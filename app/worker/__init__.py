"""Jobs as plain functions, run by threads inside the server (embedded)."""
