"""The sections of a report: of finals, of what reviews say, and of a search, a grid or a run."""
