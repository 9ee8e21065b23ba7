"""Fake cameras and pins that play days at the door through the real loop."""
