"""Heads taught at home on cached embeddings."""
