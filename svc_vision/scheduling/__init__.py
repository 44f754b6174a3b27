"""One budget for all cameras: which pictures are worth a look, and whose turn it is."""
