"""Shares: files given to recipients under rules."""
