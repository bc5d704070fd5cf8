"""Our own networks: landmarks, flow refiner, shading, generator, eyelids."""
