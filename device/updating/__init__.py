"""Versions side by side, and how the device changes from one to another without ever being left with none."""
