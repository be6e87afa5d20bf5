"""Contact history: files received and merged, and who of an audience may be told."""
