"""The fault suite: real processes, real faults, and an oracle that decides afterwards whether the promises were kept.

    witness.py      the service: notes every call before it answers, misbehaves on demand
    connector.py    the connector `faults`, one action for each way in which a write can be safe, and some that kill their worker
    client_log.py   who sends webhooks, and remembers what was answered
    nursery.py      where processes are forked from, so that starting one is cheap
    site.py         an installation of real processes that can be killed, paused, armed and started again
    history.py      what is known after a test: journal, witness, client log, logs
    checker.py      the invariants I1 to I8 over a history; its own tests break each of them on purpose
    together.py     tests that go on side by side, because what they mostly do is to wait

Each test file is one fault, with its invariant in the first lines. A test in which nothing happened fails.
"""
