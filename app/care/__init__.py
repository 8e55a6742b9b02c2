"""WHOM WE WRITE TO, AND WHEN. Pure: programmes, templates, calendars, windows and caps as data, and what follows."""
