"""Templates, the style sheet, and the viewers around a file."""
