"""One file for each product the console can drive."""
