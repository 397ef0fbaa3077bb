"""How AWS is called: time-outs, tries, and the tables' reads and conditional writes."""
