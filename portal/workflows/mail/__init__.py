"""Emails: sending what is queued, notifications, digests, reminders and suppression."""
