"""What a client asks for: a typed, bounded, immutable description of one job."""
