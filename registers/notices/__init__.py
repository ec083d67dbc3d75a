"""Messages to controllers: what each is about, how it travelled, and what proves its receipt."""
