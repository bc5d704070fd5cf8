"""The `keepsake` command."""
