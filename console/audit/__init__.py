"""Owns the append-only, hash-chained trail of decisions;
never interprets what it records.
"""
