"""People: who signed in and what they may do."""
