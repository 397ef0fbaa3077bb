"""Configuration: one frozen object, read once from the environment, complete or the start fails."""
