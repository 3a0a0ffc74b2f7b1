"""Jobs as Redis remembers them: records, the store and its atomic transitions."""
