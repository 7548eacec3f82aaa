"""Strangers' APIs behind our own words: one folder a provider, the same nouns in each."""
