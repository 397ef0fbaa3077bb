"""Who is asking: sign-in, sessions, cookies, and who may pass."""
