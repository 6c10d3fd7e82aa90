"""Named experiments: variants of a run, compared with each other and with the paper."""
