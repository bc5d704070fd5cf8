"""Frames in and frames out: videos, animated pictures, H.264, GIF and WebP."""
