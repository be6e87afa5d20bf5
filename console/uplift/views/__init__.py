"""Entrances of uplift: the evidence, past sales, and imported histories."""
