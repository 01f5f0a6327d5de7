"""From a data set and a tokenizer to arrays: prepared once, cached, and shared between workers."""
