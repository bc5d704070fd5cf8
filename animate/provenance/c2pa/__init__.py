"""Signed manifests (C2PA): keys, certificates, and the account of how a clip was made."""
