"""Owns SKUs, locations, levels, allocations, reservations, the ledger and the gate;
never knows campaigns beyond their code.
"""
