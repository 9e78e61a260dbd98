"""Long runs by hand or at night: `make soak MINUTES=60`, a runner of named parts."""
