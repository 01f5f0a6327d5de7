"""Tokenizers: from texts to tokens, one file an analyser. `cache` keeps what they found."""
