"""Stripe, PayPal and a mailbox on loopback: a program of its own that speaks the providers' wire protocols.

Everything it knows lives in memory (`sandbox.store`), its time can be moved (`sandbox.clock`), and what it would send
to a shop goes through one dispatcher (`sandbox.dispatcher`). Start it with `python -m sandbox`, or in a test with
`sandbox.running.Sandbox`.
"""
