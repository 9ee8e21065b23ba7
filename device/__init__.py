"""Latchlens on the device: see, decide, act, tell."""
