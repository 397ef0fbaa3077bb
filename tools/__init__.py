"""What writes the pages under docs/ and their pictures, and what measures the code; never deployed."""
