"""A video clip: decoding, cropping, frame sampling, augmentation, tables, torch datasets."""
