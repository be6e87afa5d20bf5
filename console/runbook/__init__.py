"""Owns due work as rows: claim, apply, verify, retry, revert, lateness;
never names a vendor.
"""
