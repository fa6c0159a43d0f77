"""Two oracles for the checker: what it lets through does not fail on data of the right shape, and what it refuses can."""
