"""Papers that span subjects: what they show of the registers, their making, their keeping.

`kinds` declares each kind of paper: about which `subjects`, from which `sources`, with which
sections (`papers/`), and what it cannot do without (`demands`, told as `gaps`). `snapshots` reads
the facts of a day into `shapes`; `making` has them sealed (`workers` help) and keeps them
(`models`); `standing` says which still show what the registers say; `queries` are for screens.
"""
