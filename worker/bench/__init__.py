"""What the engine is measured by: figures beside their targets."""
