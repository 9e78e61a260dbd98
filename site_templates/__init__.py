"""The site's templates, style sheet and scripts: data that indexer.site reads, no code."""
