"""Owns the order history a retailer brings along, and what each past sale brought above
its baseline; never changes a policy or a plan.
"""
