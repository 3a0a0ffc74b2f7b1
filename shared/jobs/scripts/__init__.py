"""The transitions of jobs and stages as Lua scripts, each atomic in Redis."""
