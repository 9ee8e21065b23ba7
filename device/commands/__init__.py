"""The commands of `latchlens`, one file each; heavy libraries are imported when a command runs."""
