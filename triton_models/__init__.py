"""The models the mesh runs, in Triton's repository layout, and the program that builds them."""
