"""Owns campaigns, lines, windows, approvals, the lifecycle and the plan of a whole
sale;
never talks to providers.
"""
