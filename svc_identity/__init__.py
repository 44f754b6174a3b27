"""Who people are: one person id a human and visit. Pure domain modules; `service`, `store`, `__main__` wire them."""
