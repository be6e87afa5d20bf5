"""Owns service profiles, the arithmetic from demand to instances, and the steps that
scale, warm and purge;
never imports another answerer.
"""
