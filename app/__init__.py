"""One way to reach the registers: pages, forms, sign-in, commands."""
