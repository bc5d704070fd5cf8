"""Warping with torch: from driven landmarks to a dense motion, and from a motion to pixels."""
