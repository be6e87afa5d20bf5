"""One short sale played through the whole stack, by people, over HTTP."""
