"""Falls, and people who don't get up from under a weight: told from keypoints of one person after the other."""

from svc_motion.safety.events import SafetyEvent, SafetyKind
from svc_motion.safety.fall import FallDetector

__all__ = ["FallDetector", "SafetyEvent", "SafetyKind"]
