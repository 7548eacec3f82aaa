"""The store: everything a developer copies."""
