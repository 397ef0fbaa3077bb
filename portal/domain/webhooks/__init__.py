"""Webhooks: what other systems are told of, where, and how they know who tells it."""
