"""Everything of our own model that runs in torch: warping, networks, and how they are loaded and run."""
