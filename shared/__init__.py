"""What the API and the workers agree on: the spec, the plan, the job store and the stage protocol."""
