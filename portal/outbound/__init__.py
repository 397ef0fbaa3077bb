"""The only room that calls addresses that people have typed."""
