"""What to recommend: item-item weights, shared people and decaying popularity, combined on validation."""
