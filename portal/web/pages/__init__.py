"""Pages, one module per place; each has a `blueprint` of views that only translate."""
