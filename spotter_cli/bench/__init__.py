"""Speed, latency and memory of the whole mesh, as ratios against a bare loop of the same run on the same machine."""
