"""Shares: sharing, changing, withdrawing, and answering requests for more."""
