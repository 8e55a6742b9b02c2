"""How companions of texts travel (A13): e-mail with a picture guide, and the bank's own second channel. Knows only its
own types."""
