"""Policy: what the organisation allows."""
