"""How good the pictures are: figures of dreams and styles, on the trained networks."""
