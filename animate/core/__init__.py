"""What every room may know: the values that travel, options, errors, files, weights and small numerics."""
