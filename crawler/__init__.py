"""Crawl, keep, parse: getting and holding mail."""
