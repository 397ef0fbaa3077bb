"""The audit log's records."""
