"""Builds the halves of the device from a project: its folder, its eyes, its guard, its memory."""
