"""Makes the pictures of the documentation anew: `python -m tools.screenshots [phone] [console]`."""
