"""JSON under /v1; the same workflows as the pages."""
