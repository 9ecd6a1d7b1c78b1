"""What conformance/run is made of."""
