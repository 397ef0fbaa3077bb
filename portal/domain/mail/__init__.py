"""Emails: jobs, notifications, suppression."""
