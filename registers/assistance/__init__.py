"""Instructions, assistance and what proves both: Art. 28(3)(a), (b), (f), (h), last words."""
