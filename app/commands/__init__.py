"""The `huifu` commands, one file for each group of them. `app/cli.py` lists them."""
