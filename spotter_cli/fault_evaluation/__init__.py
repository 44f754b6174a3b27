"""How well the faults that form analysis finds agree with people who labelled them.

Each labelled set has a reader of its own; the judgement is that of `svc_motion`, with the thresholds of its exercise
files.
"""
