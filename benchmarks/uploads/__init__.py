"""How fast uploads are, beside other ways to send the same bytes: `python -m benchmarks.uploads`."""
