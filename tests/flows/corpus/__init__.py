"""The corpus of the checker: flows that are right, and mistakes planted into them."""
