"""Where pretrained networks come from, how they get here, and how they are read."""
