"""Email through SES."""
