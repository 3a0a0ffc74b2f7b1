"""The whole service on one machine: every process, under one supervisor."""
