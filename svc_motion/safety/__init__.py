"""Falls, and people who don't get up from under a weight: told from keypoints of one person after the other."""

from svc_motion.safety.events import SafetyEvent, SafetyKind
from svc_motion.safety.fall import FallDetector
from svc_motion.safety.pinned import PinnedDetector
from svc_motion.safety.watch import SafetyWatch

__all__ = ["FallDetector", "PinnedDetector", "SafetyEvent", "SafetyKind", "SafetyWatch"]
