"""Owns the page frame, refusals spoken once, roles, health and the commands that run
the stack;
never business rules.
"""
