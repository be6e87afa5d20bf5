"""Reads of uplift, shaped for those who ask."""
