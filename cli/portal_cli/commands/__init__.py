"""What one can type after `portal`."""
