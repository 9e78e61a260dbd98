"""Thread, index, search, publish: ordering, finding and showing mail."""
