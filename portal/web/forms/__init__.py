"""Forms: what a page asks for. What an answer may be, workflows decide; forms carry it there and back."""
