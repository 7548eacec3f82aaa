"""Which words somebody agreed to when they saved a card."""

# Changes whenever the words do (`shop.views.words.consent_words`); a test holds the two together.
VERSION = "2026-11-25"
