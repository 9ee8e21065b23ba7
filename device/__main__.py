"""`python -m device` is the command `latchlens`."""

from device.cli import main

if __name__ == "__main__":  # an interpreter that training starts imports this file again
    main()
