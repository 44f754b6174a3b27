"""YOLO11 pose: everybody in a picture, with 17 keypoints each, at the cost of one inference.

Jocher and Qiu, "Ultralytics YOLO11", 2024 (the model); the code here is our own.
"""
