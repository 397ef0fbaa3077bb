"""Uploads: announcing, signing, completing and cancelling."""
