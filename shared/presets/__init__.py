"""Presets: jobs that come with dreamqueue, each a spec with its pictures beside it."""
