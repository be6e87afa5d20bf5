"""Owns who may sign in, with which roles and by which tokens: adds, changes and
deactivates people; never deletes one, since the trail names them.
"""
