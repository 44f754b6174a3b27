"""Implementations of `svc_vision.inference.Inference`."""
