"""Decisions of this room in plain Python."""
