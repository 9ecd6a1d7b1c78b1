"""The frame of interop/run: issuer, gate, browser, rows and verdicts. Standard library only."""
