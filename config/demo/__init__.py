"""Tarn & Fell, the retailer of the demo: invented, believable, always the same."""
