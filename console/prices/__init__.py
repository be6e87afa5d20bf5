"""Owns price history, prior price, claimable discount and price guards;
never schedules anything.
"""
