"""`huifu bench`: our turns per second next to those of the barest service that does the same work by hand."""
