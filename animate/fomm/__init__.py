"""The published First Order Motion Model (Siarohin et al. 2019), all of it in one place."""
