"""Where the faces are: proposals (find), the square they are seen through (crop), the same over a video (track)."""
