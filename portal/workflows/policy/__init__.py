"""Policy: how many emails someone may send in a day."""
