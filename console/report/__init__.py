"""Owns the report of a closed sale, computed from what the rooms below recorded;
never changes what it reports on.
"""
