"""Runs every figure of stock, each in a process of its own, in order of name."""

from bench import parts, stock

if __name__ == "__main__":
    parts.run(stock)
