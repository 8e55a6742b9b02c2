"""How long a browser test waits for what must come: a machine that does other things too takes its time.

What never comes still fails, and waiting longer costs nothing where all goes well.
"""

SECONDS = 60
MILLISECONDS = SECONDS * 1000
OF_ONE_TEST = 900
"""Seconds for a whole test: the first of a module also waits until the service is up."""
