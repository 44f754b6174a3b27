from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from mesh.bus import Bus
from mesh.channels import open_channel
from mesh.database import Database
from mesh.ids import new_id
from mesh.interceptors import CallInterceptor
from mesh.outbox import Outbox
from peer import WatchPeer
from spotter.ingest.v1 import ingest_pb2, ingest_pb2_grpc
from spotter.vision.v1 import vision_pb2, vision_pb2_grpc
from svc_ingest.cameras import Cameras
from svc_ingest.clip_events import ClipEvents
from svc_ingest.clip_maker import ClipMaker
from svc_ingest.service import IngestService
from svc_ingest.settings import IngestSettings
from svc_ingest.store import MIGRATIONS, SCHEMA, Store
