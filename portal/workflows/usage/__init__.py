"""Reports on how the portal is used."""
