"""How long planning takes: one figure a module, all run by `make bench-planning`."""
