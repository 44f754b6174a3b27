"""Speed, latency and memory of the whole mesh, as ratios against a bare loop of the same run on the same machine."""

import os

# Programs are started here while clients are open; gRPC would warn of each, though none of them uses it.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
