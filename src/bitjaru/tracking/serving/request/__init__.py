"""What a request says: its body as it arrives, its rows, its texts; its limits, and why one gets no answer."""
