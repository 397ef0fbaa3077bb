"""Files: names, states, what S3 knows of them."""
