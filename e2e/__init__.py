"""The customer, the merchant and the developer, in a real browser against the whole demo."""
