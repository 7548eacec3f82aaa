"""`make live-check`: every flow of the shop against the real test modes of Stripe and PayPal, and a dated record of it.

The shop's own gateways and services do the work, since those are what must hold; what a customer does is done in their
place, as their browser would do it. The same flows are then run against the sandbox, and what the providers
answered otherwise is listed.
"""
