"""The record: what people did over days and weeks, and what was put right by hand."""
