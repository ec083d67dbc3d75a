"""What the contact of a controller sees and does with the link of one notice, without an account.

A link opens the contracts that its notice tells of, and nothing of anybody else. Reading needs the
link; whatever has an effect in law also needs a one-time code, sent to the address on record.
"""
