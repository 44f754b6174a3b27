"""Gives people on one camera an id that lasts while they are seen."""
