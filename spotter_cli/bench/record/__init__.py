"""How the record answers when it is large: filled by the million, asked call by call."""
