"""Owns store webhooks in, the outbox and the throttled relay out, reconciliation;
never renders another room's pages.
"""
