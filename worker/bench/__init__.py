"""What a dream is measured by: figures beside their targets, on the trained networks."""
