"""The verbs of the command line, one file each: the only code that prints, reads arguments or exits."""
