"""The way of a notice: typeset and sealed, written as a message, handed over; no act lasts as long.

`preparing` makes the papers and the messages, `sending` hands messages over. Each is work of the
outbox: it may be done twice, and then has no effect twice.
"""
