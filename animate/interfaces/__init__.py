"""The doors: command line, page and HTTP API. Only they print, exit or catch every exception."""
