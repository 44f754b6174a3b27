"""From PyTorch checkpoints to models of the repository: `python -m triton_models.export`, in an environment of its own.

That environment (`make export-env`) holds torch, ultralytics and torchreid, which no service ever imports.
"""
