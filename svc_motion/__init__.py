"""What people do: exercise, repetitions, form, sets. The domain modules are pure; `service`, `store` and `__main__` wire them."""
