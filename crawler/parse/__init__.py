"""Reading pipermail: volume texts, message pages, headers, dates, charsets and scrub notices.

All of it is pure: bytes or text in, values out. Bad mail never raises; what was wrong with it
is named in `defects`. Facts of the format are in docs/formats.md.
"""
