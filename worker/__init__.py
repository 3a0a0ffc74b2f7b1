"""What carries jobs out: the Celery application, the stage runner, the stages and the engine."""
