"""A photograph as a stage of layers: who owns which pixel, and the plate behind the people."""
