"""Reading for pages: what a page shows, gathered with as few calls as it takes. Changes nothing."""
