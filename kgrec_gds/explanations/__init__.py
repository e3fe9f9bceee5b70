"""The reasons for one prediction: paths, attention, contributions; pages and pictures."""
