"""The portal on the web: the only room that knows Flask."""
