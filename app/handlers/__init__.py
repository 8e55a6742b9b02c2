"""WHAT WE DO when something happens: a text arrived, a receipt came, time passed, the bank answered, an agent acted,
a text must leave."""
