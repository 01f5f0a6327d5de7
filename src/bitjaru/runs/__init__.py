"""From a config to a record of what happened.

A *run* trains one model (`single_run`). It is asked for by a `Request`, and its `Record` becomes an `Outcome`
(`bitjaru.outcome`) however the run ends. Hydra calls a run a *job* (`hydra_job`); one job for each combination of some
values is a *grid*; a run that Optuna asked for is a *trial*, and all trials together are a *search* (`search_run`).
"""
