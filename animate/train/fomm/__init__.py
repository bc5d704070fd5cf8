"""Training of the published First Order Motion Model."""
