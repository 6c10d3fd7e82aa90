"""Networks: weights and forward only."""
