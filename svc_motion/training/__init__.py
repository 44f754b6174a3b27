"""Trains the exercise network on synthetic skeletons alone. Not imported by the service; `train` alone needs torch."""
