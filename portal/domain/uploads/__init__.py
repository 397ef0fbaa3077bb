"""Uploads: files on their way into the bucket."""
