"""Links: opening, confirming and downloading, as a recipient does."""
