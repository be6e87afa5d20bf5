"""Parts of pages that are drawn hundreds of times."""
