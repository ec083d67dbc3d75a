"""Messages to controllers, with proof of what became of each."""
