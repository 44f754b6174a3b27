"""The eyes: decodes camera streams, finds people and their keypoints, follows them."""
