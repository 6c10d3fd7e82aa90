"""A new domain: the decoder of a trained LFAE is finetuned, or adapters are; all other weights stay as they are."""
