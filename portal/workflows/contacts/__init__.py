"""Contacts: managing recipient groups and the addresses someone shared with."""
