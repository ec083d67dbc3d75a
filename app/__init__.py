"""One way to reach the registers: pages, forms, sign-in, commands.

The table of contents is `app.application`; this package imports nothing, so that a command which
needs no application starts at once.
"""
