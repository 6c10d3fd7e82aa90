"""One loop, checkpoints, EMA, precision, processes; one small step file a stage."""
