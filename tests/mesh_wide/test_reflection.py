"""The contracts can be found and used by reflection alone, as grpcurl does."""

from __future__ import annotations

import uuid

import pytest
from grpc_requests import Client

from tests.mesh_wide.gym import GYM_ID, RunningGym

EXPECTED = {
    "ingest": ("spotter.ingest.v1.IngestService", "ListCameras", {"gym_id": GYM_ID}),
    "vision": ("spotter.vision.v1.VisionService", "GetStatus", {}),
    "identity": ("spotter.identity.v1.IdentityService", "ListPeople", {"gym_id": GYM_ID}),
    "motion": ("spotter.motion.v1.MotionService", "ListExercises", {}),
    "coach": ("spotter.coach.v1.CoachService", "ListGuidance", {"gym_id": GYM_ID, "person_id": str(uuid.uuid4())}),
    "edge": ("spotter.edge.v1.EdgeService", "GetMe", {}),
}
HEALTH = "grpc.health.v1.Health"


@pytest.mark.parametrize("service", EXPECTED)
def test_a_service_is_listed_called_and_healthy_through_reflection(gym: RunningGym, service: str) -> None:
    name, method, request = EXPECTED[service]
    metadata = [("authorization", f"Bearer {gym.staff_token}")] if service == "edge" else None
    client = Client.get_by_endpoint(gym.mesh.address(service))
    assert {name, HEALTH} <= set(client.service_names)
    answer = client.request(name, method, request, metadata=metadata)
    health = client.request(HEALTH, "Check", {"service": name})
    print(f"{service}: {', '.join(client.service_names)}; {method} -> {str(answer)[:100]}; {health['status']}")
    assert health == {"status": "SERVING"}
    assert isinstance(answer, dict)
