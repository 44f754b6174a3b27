"""What form analysis can measure of a repetition: the names that an exercise's faults may use.

Lengths are in trunk lengths (hips to shoulders) and heights rise upwards, so that they hold for every body and camera.
`error` is one standard deviation of a measurement with the noise of real pose models (docs/form.md says how it was
measured): it turns the distance from a threshold into a probability.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """One measure of form."""

    unit: Literal["deg", "trunk lengths", "ratio"]
    error: float
    """Standard deviation of one measurement, in the unit."""
    meaning: str


METRICS: dict[str, MetricInfo] = {
    "knee_min_deg": MetricInfo("deg", 5.0, "smallest knee angle; 180 is straight"),
    "knee_max_deg": MetricInfo("deg", 5.0, "largest knee angle"),
    "knee_range_deg": MetricInfo("deg", 6.0, "largest less smallest knee angle"),
    "hip_min_deg": MetricInfo("deg", 5.0, "smallest angle shoulder-hip-knee"),
    "hip_max_deg": MetricInfo("deg", 5.0, "largest angle shoulder-hip-knee"),
    "hip_range_deg": MetricInfo("deg", 6.0, "largest less smallest hip angle"),
    "elbow_min_deg": MetricInfo("deg", 6.0, "smallest elbow angle"),
    "elbow_max_deg": MetricInfo("deg", 6.0, "largest elbow angle"),
    "elbow_range_deg": MetricInfo("deg", 8.0, "largest less smallest elbow angle"),
    "arm_raise_min_deg": MetricInfo("deg", 5.0, "smallest angle of the upper arms from the trunk; 0 hangs along it"),
    "arm_raise_max_deg": MetricInfo("deg", 5.0, "largest angle of the upper arms from the trunk"),
    "arm_raise_range_deg": MetricInfo("deg", 6.0, "largest less smallest angle of the upper arms from the trunk"),
    "thigh_level_deg": MetricInfo("deg", 5.0, "smallest angle of the thighs over level; 90 stands, 0 is level"),
    "knee_width_ratio": MetricInfo("ratio", 0.06, "distance of the knees over that of toes (or ankles), while lowest"),
    "knee_inward_deg": MetricInfo("deg", 5.0, "how far the working knee bends inwards, seen from the front"),
    "knee_past_toes": MetricInfo("trunk lengths", 0.05, "how far the front knee is ahead of its toes"),
    "heel_lift": MetricInfo("trunk lengths", 0.035, "how far the heels leave the floor"),
    "hip_shift": MetricInfo("trunk lengths", 0.04, "hips to one side of the feet's middle, while lowest"),
    "trunk_lean_max_deg": MetricInfo("deg", 5.0, "largest forward lean of the trunk from upright"),
    "trunk_lean_back_deg": MetricInfo("deg", 5.0, "largest backward lean of the trunk from upright, from the side"),
    "trunk_swing_deg": MetricInfo("deg", 4.0, "how far the trunk tilts to and fro"),
    "trunk_rotation_deg": MetricInfo("deg", 8.0, "how far the shoulders turn, from how much narrower they get"),
    "shoulder_rise": MetricInfo("trunk lengths", 0.06, "how far the middle of the shoulders rises in the picture"),
    "back_rounding": MetricInfo("ratio", 0.25, "1 where neck and trunk bend and shorten as a rounded back does"),
    "body_line_min_deg": MetricInfo("deg", 4.0, "angle shoulder-hip-ankle while the hips hang below the line"),
    "body_pike_deg": MetricInfo("deg", 4.0, "how far the hips bend up over the line from shoulders to ankles"),
    "plank_line_min_deg": MetricInfo("deg", 4.0, "the same line to the stretched leg, while level and stretched out"),
    "plank_pike_deg": MetricInfo("deg", 4.0, "bend of the hips over that line, half of the time"),
    "upright_hip_max_deg": MetricInfo("deg", 5.0, "largest angle shoulder-hip-knee while the trunk is upright"),
    "knee_drive_deg": MetricInfo("deg", 8.0, "smallest angle shoulder-hip-knee of either side"),
    "sit_up_lean_deg": MetricInfo("deg", 5.0, "smallest lean from upright of a trunk that rises more than in a crunch"),
    "neck_pull_deg": MetricInfo("deg", 10.0, "how far the head bends forward from lying to raised while hands hold it"),
    "ankle_rise": MetricInfo("trunk lengths", 0.05, "how far the ankles rise and fall"),
    "hip_lag": MetricInfo("ratio", 0.1, "share of the way up that the hips are behind the shoulders"),
    "hip_height_min": MetricInfo("trunk lengths", 0.05, "lowest height of the hips over the ankles"),
    "neck_length_min": MetricInfo("trunk lengths", 0.03, "shortest height of the ears over the shoulders"),
    "neck_length_max": MetricInfo("trunk lengths", 0.03, "longest height of the ears over the shoulders"),
    "elbow_flare_deg": MetricInfo("deg", 7.0, "upper arms away from the trunk while the elbows are most bent"),
    "elbow_drift_deg": MetricInfo("deg", 5.0, "how far the upper arms swing against the trunk"),
    "wrist_drift": MetricInfo("trunk lengths", 0.05, "how far the hands move to and fro along the floor"),
    "wrist_height_difference": MetricInfo("trunk lengths", 0.05, "height of one hand over the other, while moving"),
    "symmetry": MetricInfo("ratio", 0.06, "1 where left and right move equally far and together"),
}
