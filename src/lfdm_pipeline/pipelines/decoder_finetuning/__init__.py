"""A new domain: the decoder of a trained LFAE is finetuned, everything else stays as it is."""
