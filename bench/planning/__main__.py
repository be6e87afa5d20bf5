"""Runs every figure of planning, each in a process of its own, in order of name."""

from bench import parts, planning

if __name__ == "__main__":
    parts.run(planning)
