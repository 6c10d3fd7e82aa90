"""Loops for a CPU that torch has no operator for, compiled when they are first called.

What a network spends beside its matrix products is spent on moving memory: each of torch's operators reads and writes
it once more. Here what belongs together is done while it is in a core's registers, in torch's own threads.
"""
