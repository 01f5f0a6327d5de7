"""Where labelled reviews come from: one option of `conf/dataset` becomes one part of this package."""
