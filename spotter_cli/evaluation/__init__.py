"""Runs labelled clips through the real mesh and compares what it counts with what is true."""
