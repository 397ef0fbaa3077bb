"""Pages of the administrators' dashboard, one module a page."""
