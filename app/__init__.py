"""Huifu 回复: a two-way SMS service for banks."""
