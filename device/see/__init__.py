"""Cameras, the motion gate and the models: from light to sightings."""
