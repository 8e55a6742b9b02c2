"""The two pages on which agents spend the day: the queue and the talk."""
