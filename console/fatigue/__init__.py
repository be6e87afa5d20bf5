"""Owns audiences, policies, the fatigue verdict and the earliest date that passes;
never looks at prices.
"""
