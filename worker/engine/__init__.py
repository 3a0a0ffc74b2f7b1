"""The computations themselves: dreams, styles and animations from arrays to arrays, knowing nothing of queues."""
