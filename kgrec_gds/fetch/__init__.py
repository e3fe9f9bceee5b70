"""Publishers' files: addresses, verification, and conversion of their ratings."""
