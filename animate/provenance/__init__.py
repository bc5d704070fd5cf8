"""How a clip says what it is: badge, invisible watermark, signed manifest, citation; and how anyone reads that."""
