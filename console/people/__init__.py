"""Owns who may sign in and with which roles; never what a role may do."""
