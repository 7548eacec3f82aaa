"""The demo: everything the shop needs, started with one command and stopped with one key.

`python -m sandbox.demo` (what `make demo` runs) knows the shop as command lines and environment variables only; it
reads them from the Procfile and gives them the sandbox's addresses for every provider whose keys are absent.
"""
