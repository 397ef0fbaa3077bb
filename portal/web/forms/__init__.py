"""Forms, one module a place: what a page asks."""
