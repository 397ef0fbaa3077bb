"""What is kept in the one table, a module for each kind of item."""
