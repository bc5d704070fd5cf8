"""The HTTP API: other programs hand in photographs, wait for their jobs and fetch the clips."""
