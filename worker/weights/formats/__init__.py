"""One reader for each format that weights are published in."""
