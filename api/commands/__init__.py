"""The commands of `dreamqueue`, one file a group."""
