"""Contacts: addresses, recipient groups, suggestions."""
