"""What happened, in the reader's language and time zone."""
