"""How AWS is called: time-outs, tries, and the one table's reads and conditional writes."""
