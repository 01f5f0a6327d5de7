"""How Optuna's samplers and pruners are made, and those that it lacks."""
