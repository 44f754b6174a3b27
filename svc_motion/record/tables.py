"""Tables of the record, beside those of sets and repetitions."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from svc_motion.store import metadata

daily = sa.Table(
    "daily_exercises",
    metadata,
    sa.Column("gym_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("exercise", sa.Text, primary_key=True),
    sa.Column("start_time", sa.DateTime(timezone=True)),
    sa.Column("end_time", sa.DateTime(timezone=True)),
    sa.Column("sets", sa.Integer),
    sa.Column("repetitions", sa.Integer),
    sa.Column("partial_repetitions", sa.Integer),
    sa.Column("hold_s", sa.Double),
    sa.Column("judged_sets", sa.Integer),
    sa.Column("score_sum", sa.Double),
    sa.Column("range_sum_deg", sa.Double),
    sa.Column("range_count", sa.Integer),
    sa.Column("fault_counts", JSONB),
    sa.Column("best_repetitions", sa.Integer),
    sa.Column("best_repetitions_set_id", sa.Uuid(as_uuid=False)),
    sa.Column("best_hold_s", sa.Double),
    sa.Column("best_hold_set_id", sa.Uuid(as_uuid=False)),
    sa.Column("best_score", sa.Double),
    sa.Column("best_score_set_id", sa.Uuid(as_uuid=False)),
)
"""Closed sets summed by person, day and exercise, with corrected values. `judged_sets`, scores, ranges and faults are
of the sets whose form was judged as the exercise that they were. Written anew in the transaction that changes a set."""
corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("correction_id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("gym_id", sa.Text),
    sa.Column("set_id", sa.Uuid(as_uuid=False)),
    sa.Column("person_id", sa.Uuid(as_uuid=False)),
    sa.Column("create_time", sa.DateTime(timezone=True)),
    sa.Column("corrected_by", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("measured_exercise", sa.Text),
    sa.Column("exercise", sa.Text),
    sa.Column("measured_repetitions", sa.Integer),
    sa.Column("repetitions", sa.Integer),
    sa.Column("measured_hold_s", sa.Double),
    sa.Column("hold_s", sa.Double),
)


def of_person(gym_id: str, person_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on `daily` for one person."""
    return daily.c.gym_id == gym_id, daily.c.person_id == person_id
