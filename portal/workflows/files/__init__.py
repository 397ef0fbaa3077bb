"""Files: what an owner does with their own, and what happens when malware is found."""
