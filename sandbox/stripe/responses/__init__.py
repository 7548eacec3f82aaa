"""What each endpoint does, one module per noun."""
