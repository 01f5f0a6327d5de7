"""What may be tried: from override lines to a space, and from a choice in it to a config."""
