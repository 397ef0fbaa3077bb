"""What is kept in the tables, a module for each kind of item."""
