"""Every write of uplift, one transaction each."""
