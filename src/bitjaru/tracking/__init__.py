"""Tracking: what a run did, kept in its folder first and in MLflow as soon as MLflow answers.

Every record of a run is a line of `tracking/journal.jsonl` in the run's folder before anything is sent, so that
nothing is lost when the server is away or the process is killed; `bitjaru doctor` sends what is missing. This
package is the only importer of MLflow, always through a client of its own and never through MLflow's global
"active run", so that several runs, threads and processes cannot mix.
"""
