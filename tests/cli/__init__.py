"""The command line, part by part and against a whole local portal."""
