"""Owns who may sign in and with which roles: adds, changes and deactivates people;
never deletes one, since the trail names them.
"""
