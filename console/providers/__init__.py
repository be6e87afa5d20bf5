"""Owns ports, drivers, connections and the one HTTP client to the outside world;
never knows that campaigns exist.
"""
