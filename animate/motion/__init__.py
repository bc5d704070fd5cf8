"""Motion: from the points of a moving face to another face that moves the same way; numpy and scipy only."""
