"""What is shown of runs: statistics, tables, plots. Everything here takes data and returns data."""
