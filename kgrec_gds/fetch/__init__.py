"""Publishers' files: addresses, downloads and their conversion to the input format."""
