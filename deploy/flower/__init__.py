"""Flower, set up for stages: a bar where Celery shows a result."""
