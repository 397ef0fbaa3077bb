"""Making webhooks, and telling other systems what happened."""
