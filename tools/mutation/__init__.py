"""What `python -m tools.mutate` is made of."""
