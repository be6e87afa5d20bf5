"""How fast stock is promised: one figure a module, all run by `make bench-stock`."""
