"""The pipeline: it joins the rooms below in the order in which the data flows."""
