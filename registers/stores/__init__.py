"""The stores of this installation itself: their limits, their erasure, whoever asks what they hold.

What Greffe keeps of persons has its time, like everything else that the register tells of. When
it is over only digests stay, and the journal still verifies.
"""
