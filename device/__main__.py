"""`python -m device` is the command `latchlens`."""

from device.cli import main

main()
