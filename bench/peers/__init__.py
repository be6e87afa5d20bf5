"""What the gate is measured beside; runs in `.venv-peers`, imports nothing of ours."""
