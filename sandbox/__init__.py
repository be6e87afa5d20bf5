"""The pretend outside world, reached over HTTP like the real one; never imported."""
