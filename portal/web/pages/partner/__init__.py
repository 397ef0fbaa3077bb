"""Pages for recipients, without an account."""
