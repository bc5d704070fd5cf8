"""How good it is: the bench and what it counts."""
