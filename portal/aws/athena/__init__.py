"""Athena: queries of the access log."""
