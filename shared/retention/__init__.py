"""Retention: how long what is no longer worked with is kept, and the sweep that removes it then."""
