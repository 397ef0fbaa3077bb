"""Upkeep: what the schedule and the bucket's access log ask for."""
