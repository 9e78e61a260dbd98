"""The tests of Hamelin, and what they stand on: a list server, a pipermail writer, the demo's archive."""
