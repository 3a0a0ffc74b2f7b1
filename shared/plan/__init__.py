"""The plan of a job: pure data, made from the spec by pure functions."""
