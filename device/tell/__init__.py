"""What is remembered and published: store, journal, snapshots."""
