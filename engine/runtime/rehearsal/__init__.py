"""Rehearsing flows: the interpreter without a journal, a throttle, a service or a clock. Owns nothing itself: this is its table of contents.

codes.py        findings in test files               cases.py     a test file as a value
read.py         reads test files                     mocks.py     reads and checks mocked answers
deliveries.py   reads what starts a test             paths.py     which step a path or an id means
answers.py      answers completed by the schema      stage.py     plays a flow with answers and a virtual clock
start.py        which trigger takes an event         judge.py     plays a test and gives the verdict
differences.py  expected against actual              suite.py     finds test files and plays them
junit.py        the result for CI systems            outline.py   a rehearsal without expectations
replay.py       a recorded run against a version     export.py    a recorded run as a test file
sight.py        what expressions can see             written.py   JSON values as YAML text
"""
