"""People: closing an account."""
