"""Where the faces are: proposals (find), the square they are seen through (crop), and a steady square over a video (track)."""
