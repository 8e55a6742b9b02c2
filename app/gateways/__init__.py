"""HOW TEXTS TRAVEL. One file per gateway: verify, read, acknowledge, send, look up."""
