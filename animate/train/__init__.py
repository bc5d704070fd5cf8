"""Training of our own networks; never imported by the rest of the package."""
