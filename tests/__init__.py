"""The tests; each name is a sentence about what holds."""
