"""Rehearsing flows: the interpreter without a journal, a throttle, a service or a clock. Owns nothing itself: this is its table of contents.

codes.py     findings in test files                  cases.py     a test file as a value
read.py      reads test files                        mocks.py     reads and checks mocked answers
answers.py   answers made complete by the model      stage.py     plays a flow with answers and a virtual clock
start.py     which event starts a run, and why not   judge.py     what was expected against what happened
suite.py     finds test files and plays them         junit.py     the result for CI systems
outline.py   a rehearsal without expectations        export.py    a recorded run as a test file
replay.py    a recorded run against a version        written.py   JSON values as YAML text
"""
