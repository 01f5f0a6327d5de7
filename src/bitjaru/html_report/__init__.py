"""One HTML file that shows a search, a grid, finals or a run to anybody: no network, no server, no other file."""
