"""Exercises of which nobody recorded a clip, drawn: what the motion domain takes them for and how it counts them.

python -m spotter_cli.scene_evaluation [--joints] [names ...]
"""
