"""The site: the archive as a folder of static pages."""
