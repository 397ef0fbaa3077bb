"""Cognito: the directory of people."""
