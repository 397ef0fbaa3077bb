"""SQS: what became of events."""
