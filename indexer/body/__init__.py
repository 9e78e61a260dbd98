"""A body understood: of what kind every line is, and how deep it is quoted. Nothing is changed or left out.

stretches    the reading itself: a body's lines by kind and level
draft        a body while it is being read
quotation    marks of quotation and their levels
attribution  "Ann Indigo wrote:", in the languages of Mailman
forwarded    a whole mail below a line or a block of headers
patches      differences between files
code         what is certainly a program or its output
endings      signatures, and what lists and providers put below a mail
flowed       lines that one paragraph was cut into (RFC 3676)
"""
