"""WHAT TO SAY. Pure: no Flask, SQL, network, clock or random."""
