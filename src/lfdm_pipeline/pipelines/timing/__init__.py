"""How long a clip takes on this machine."""
