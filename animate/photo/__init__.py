"""The photo room: a file goes in, an upright sRGB photograph comes out."""
