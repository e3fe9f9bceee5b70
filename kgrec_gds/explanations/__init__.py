"""From the graph to the reasons behind one prediction."""
