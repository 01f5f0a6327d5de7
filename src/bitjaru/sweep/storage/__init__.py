"""Where studies are kept: opened, owned by one search at a time on any number of hosts, and waited for while away."""
