"""Rating models behind one interface, their registry and their run folder."""
