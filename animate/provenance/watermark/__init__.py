"""The invisible watermark: pattern, error-correcting code, embedding and detection."""
