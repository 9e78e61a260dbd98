"""What fuzzing stands on: the whole chain as targets of bytes, near-valid archives, and the worst that is known."""
