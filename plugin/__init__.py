"""Java sources of the kgrec.kge procedures, compiled at `server install`."""
