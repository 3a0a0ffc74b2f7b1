"""How good the pictures are: figures of dreams and of their seams, on the trained networks."""
