"""Builds the parts of the device from a project: folder, camera, eyes, guard, memory, all who hear of it."""
