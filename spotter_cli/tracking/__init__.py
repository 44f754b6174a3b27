"""Measures how well people are told apart: drawn scenes with known truth, through the service's own eye."""
