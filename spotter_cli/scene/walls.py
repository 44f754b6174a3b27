"""The size of the room, in metres; the floor is z = 0."""

SIDES_M = (-4.0, 4.0)
"""Left and right wall, on x."""
FRONT_M = -5.0
BACK_M = 3.2
"""Walls on y."""
HEIGHT_M = 3.1
