"""A right flow that uses every word of the language. Owns that text; the tests load it and break it."""

from __future__ import annotations

EVERYTHING = """\
id: everything
name: Everything
description: Uses every word of the language once
labels: [all, words]
x-team: {owner: sales, note: "{{ not compiled ( }}"}
x-retry: &patient {max_attempts: 6, interval: 5s}
x-ask: &ask
  uses: calendly.get_event_type
  with: {uuid: "{{ trigger.payload.scheduled_event.event_type | uuid }}"}
connections: {calendly: team-calendly, crm: second}
inputs: {hours: {type: integer, default: 24}}
variables: {round: 0}
triggers:
  - uses: calendly.invitee
    with: {events: [invitee.created]}
    connection: calendly
    if: trigger.event == 'invitee.created'
    split_on: trigger.payload.questions_and_answers
  - uses: manual
    id: by_hand
  - {uses: schedule.cron, with: {cron: "0 9 * * 1-5", timezone: Europe/Rome}}
concurrency: {key: trigger.payload.email, limit: 2, on_limit: queue, max_queued: 5}
timeout: 2h
defaults: {timeout: 10s, retry: {max_attempts: 4, backoff: fixed, interval: 2s, max_interval: 1m, jitter: false, if: error.kind == 'server'}, on_uncertain: skip}
steps:
  - <<: *ask
    id: type
    retry: *patient
    idempotency_key: "{{ run.id }}-type"
    on_uncertain: retry
    secure: [inputs, outputs]
  - id: kind
    switch: trigger.payload.status
    cases:
      active:
        - {id: one, set: {a: 1}}
      1: []
      true: [{id: two, set: {a: 2}}]
      null: [{id: three, set: {a: 3}}]
    default: [{id: four, set: {a: 4}}]
  - id: look
    until: steps.peek.output.resource.active
    max_iterations: 10
    timeout: 1h
    interval: 30s
    steps:
      - {<<: *ask, id: peek}
  - id: both
    parallel:
      left: [{<<: *ask, id: l}]
      right: [{id: r, uses: log.write, with: {message: hi}}]
    join: any
  - id: each
    foreach: trigger.payload.questions_and_answers
    as: qa
    max_parallel: 5
    steps: [{<<: *ask, id: e}]
  - id: choose
    if: vars.a == 1
    then: [{id: yes_it_is, set: {b: 1}}]
    else: [{id: enough, stop: {status: cancelled, message: "{{ vars.a }}"}}]
  - id: safe
    steps: [{<<: *ask, id: s}]
    timeout: 5m
    on_error: continue
  - {id: nap, wait: {for: 90m}}
  - {id: nap2, wait: {for: "{{ inputs.hours }}h"}}
  - {id: nap3, wait: {until: "2026-12-24T18:00:00+01:00"}}
  - {id: nap4, wait: {until: trigger.payload.scheduled_event.start_time}}
  - id: nap5
    wait:
      event: {uses: calendly.invitee, with: {events: [invitee.canceled]}, if: event.payload.uri == trigger.payload.uri}
      timeout: 24h
  - {id: child, flow: other-flow, with: {hours: "{{ inputs.hours }}"}, wait: false}
  - {id: child2, flow: other-flow}
on_error: continue
finally:
  - {id: tidy, uses: log.write, with: {message: done}}
outputs: {a: "{{ vars.a }}"}
"""
