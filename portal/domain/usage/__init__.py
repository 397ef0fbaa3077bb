"""How much the portal is used: figures by day, and who and what had most of them."""
