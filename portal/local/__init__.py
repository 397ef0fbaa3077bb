"""What `make run` adds to the portal: embedded AWS, people, the outbox. Nothing imports it; it is never
deployed."""
