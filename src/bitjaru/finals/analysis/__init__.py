"""What the finals' answers say: scores, the bootstrap, verdicts, calibration, budgets, and where they err."""
