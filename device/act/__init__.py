"""The guard of the bolt and the drivers of the pins."""
