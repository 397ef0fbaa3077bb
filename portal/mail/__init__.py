"""Emails as people read them: templates filled in for one recipient."""
