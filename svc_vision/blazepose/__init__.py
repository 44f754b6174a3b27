"""BlazePose for several people: a detector on windows of the frame, then keypoints in tracked regions.

Method: Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020; extended here to several
people, tiles and camera cuts.
"""
