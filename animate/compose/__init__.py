"""Laying moved faces over the photograph: masks, layers, matching the print's tone and grain."""
