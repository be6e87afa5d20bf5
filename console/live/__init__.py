"""Owns samples, the shared snapshot, the board and the event stream;
never writes another room's tables.
"""
