"""Java sources of the procedures kgrec.kge.*, compiled by `server install`."""
