"""The decision core: pure, without clock, input or output."""
