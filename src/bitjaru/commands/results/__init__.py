"""Commands for results: finals, ensembles, reports."""
