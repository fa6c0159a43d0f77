"""Rehearsing flows: the interpreter without a journal, a throttle, a service or a clock. Owns nothing itself: this is its table of contents.

codes.py          findings in test files               cases.py           a test file as a value
read.py           reads test files                     expectations.py    reads what a test expects
mocks.py          reads and checks mocked answers      deliveries.py      reads what starts a test and what comes while it runs
paths.py          which step a path or an id means     answers.py         answers completed by the schema
start.py          which runs an event starts           suite.py           finds test files and plays them

drive.py          the loop with the interpreter        clock.py           the virtual clock, and branches side by side
stage.py          plays a flow with answers            played.py          what came of it
answering.py      who answers: a seam                  mocked.py          a test's answers
children.py       sub-flows                            outline.py         a rehearsal without expectations

judge.py          plays a test, gives the verdict      compared.py        a played run against what is expected
differences.py    two values                           junit.py           the result for CI systems

recording.py      a run as the journal keeps it        replay.py          it against a version of its flow
export.py         it as a test file                    recorded_mocks.py  its calls as mocks
sight.py          what expressions can see             written.py         JSON values as YAML text
"""
