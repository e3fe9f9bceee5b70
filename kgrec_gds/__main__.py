"""`python -m kgrec_gds`."""

from kgrec_gds.cli import main

main()
