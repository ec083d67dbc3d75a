"""`python -m app` is `greffe`."""

from app.commands import main

main(prog_name="greffe")
