"""Tests of the benches: that they run, never how fast."""
