"""Links: what a recipient opens, confirms and downloads."""
