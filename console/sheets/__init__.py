"""Owns the way of a large sheet into a room: kept, tried by a worker, agreed to by a
person, written at once;
never knows what a row means, and has no table of its own.
"""
