"""Asking GuardDuty for a scan, and what it and the portal write on objects as tags."""
