"""What worse cameras and worse keypoints cost: the same clips once more under each condition."""
