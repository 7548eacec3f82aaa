"""What each call of PayPal's API does, one module per kind of object."""
