"""What to say to whom, and when to stay silent. Pure domain modules; `service`, `store`, `__main__` wire them."""
