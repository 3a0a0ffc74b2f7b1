"""What the demo dreams of: a photo, a painting and a spec."""
