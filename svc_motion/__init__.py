"""What people do: exercise, repetitions, form, sets. Domain modules are pure; `service` and `store` connect them."""
