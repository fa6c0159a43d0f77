"""The pure core: what a run is and what it does next. No I/O, no clock, no randomness: those come in as values."""
