"""What every throttle promises, over both twins: windows, the line, pauses, and what a lost memory means.

Time passes virtually for the memory twin. For the Redis twin it is real, so that nothing here fails because a machine is slow: a
slow test only makes more room, and what must not happen is checked right after what forbids it, with windows far longer than that.
"""

from __future__ import annotations

import itertools

from engine.sdk.budget import Budget, Window
from engine.throttle import Cold, Permit, Wait
from tests.contracts.throttle.bench import GRACE_MS, Bench, per

LONG = 60_000
SHORT = 300


def test_a_connection_is_cold_until_it_is_warmed(bench: Bench) -> None:
    assert isinstance(bench.ask(per(1, LONG), "a"), Cold)
    assert isinstance(bench.ask(per(1, LONG), "a"), Cold)
    bench.warm()
    assert isinstance(bench.ask(per(1, LONG), "a"), Permit)


def test_it_says_for_how_long_it_has_been_cold_whoever_asks(bench: Bench) -> None:
    first = bench.ask(per(1, LONG), "a")
    bench.sleep(100)
    second = bench.ask(per(1, LONG), "b")
    assert isinstance(first, Cold)
    assert isinstance(second, Cold)
    assert second.ms >= first.ms + 50  # another clock than the one that slept


def test_warming_one_connection_leaves_the_others_cold(bench: Bench) -> None:
    bench.warm()
    assert isinstance(bench.throttle.acquire(bench.key + "2", per(1, LONG), "a", deadline_ms=1_000), Cold)


def test_a_quiet_warm_up_waits_it_out_and_is_not_called_a_pause(bench: Bench) -> None:
    bench.warm(quiet_ms=LONG)
    answer = bench.wait(per(1, LONG), "a")
    assert LONG - 5_000 < answer.ms <= LONG
    assert not answer.paused


def test_calls_may_start_when_the_quiet_is_over(bench: Bench) -> None:
    bench.warm(quiet_ms=SHORT)
    bench.sleep(bench.wait(per(1, LONG), "a").ms)
    bench.permit(per(1, LONG), "a")


def test_a_second_warm_up_does_nothing(bench: Bench) -> None:
    bench.warm()
    bench.permit(per(2, LONG), "a")
    bench.warm(quiet_ms=LONG)
    bench.permit(per(2, LONG), "b")
    assert isinstance(bench.ask(per(2, LONG), "c"), Wait), "the calls before the second warm-up still count"


def test_no_more_permits_than_the_limit(bench: Bench) -> None:
    bench.warm()
    answers = [bench.ask(per(3, LONG), f"t{number}") for number in range(5)]
    assert [type(answer) for answer in answers] == [Permit, Permit, Permit, Wait, Wait]


def test_a_wait_says_how_long_and_behind_how_many(bench: Bench) -> None:
    bench.warm()
    bench.fill(per(2, LONG))
    first, second = bench.wait(per(2, LONG), "a"), bench.wait(per(2, LONG), "b")
    assert (first.position, second.position) == (0, 1)
    assert LONG - 5_000 < first.ms <= LONG + 1
    assert not first.paused


def test_a_place_beyond_the_limit_waits_several_windows(bench: Bench) -> None:
    bench.warm()
    bench.fill(per(2, LONG))
    waits = [bench.wait(per(2, LONG), f"t{number}").ms for number in range(6)]
    assert [round(ms / LONG) for ms in waits] == [1, 1, 2, 2, 3, 3]


def test_the_place_is_kept_when_the_ticket_asks_again(bench: Bench) -> None:
    bench.warm()
    bench.fill(per(1, LONG))
    assert [bench.wait(per(1, LONG), ticket).position for ticket in "abab"] == [0, 1, 0, 1]


def test_all_windows_hold_at_once(bench: Bench) -> None:
    budget = Budget(windows=(Window(limit=2, seconds=SHORT / 1000), Window(limit=3, seconds=LONG / 1000)))
    bench.warm()
    bench.call(budget, "a")
    bench.call(budget, "b")
    short = bench.wait(budget, "c")
    assert short.ms <= SHORT + 1
    bench.sleep(short.ms)
    bench.call(budget, "c")
    assert bench.wait(budget, "d").ms > SHORT, "the long window is full"


def test_a_lowered_budget_counts_the_calls_that_were_made(bench: Bench) -> None:
    bench.warm()
    bench.fill(per(3, LONG))
    assert isinstance(bench.ask(per(2, LONG), "a"), Wait)


def test_a_longer_window_counts_calls_that_a_shorter_one_has_forgotten(bench: Bench) -> None:
    budget = Budget(windows=(Window(limit=1, seconds=SHORT / 1000), Window(limit=2, seconds=LONG / 1000)))
    bench.warm()
    bench.call(budget, "a")
    bench.sleep(SHORT + 1)
    bench.call(per(1, SHORT), "b")
    assert isinstance(bench.ask(per(2, LONG), "c"), Wait)


def test_a_slot_is_reserved_for_those_who_came_first(bench: Bench) -> None:
    budget = per(1, SHORT)
    bench.warm()
    bench.fill(budget)
    bench.wait(budget, "first")
    bench.sleep(bench.wait(budget, "second").ms // 2 + 1)
    assert isinstance(bench.ask(budget, "third"), Wait)
    assert isinstance(bench.ask(budget, "second"), Wait)
    assert isinstance(bench.ask(budget, "first"), Permit)


def test_free_slots_beyond_the_reserved_ones_may_be_used_from_behind(bench: Bench) -> None:
    budget = per(2, SHORT)
    bench.warm()
    bench.fill(budget)
    bench.wait(budget, "absent")
    bench.sleep(SHORT + 1)
    assert isinstance(bench.ask(budget, "behind"), Permit)
    assert isinstance(bench.ask(budget, "further behind"), Wait)
    assert isinstance(bench.ask(budget, "absent"), Permit)


def test_permits_are_given_in_the_order_of_the_line(bench: Bench) -> None:
    budget = per(1, SHORT)
    bench.warm()
    bench.fill(budget)
    waiting = ["a", "b", "c"]
    for ticket in waiting:
        bench.wait(budget, ticket)
    served: list[str] = []
    while waiting:
        answers = {ticket: bench.ask(budget, ticket) for ticket in reversed(waiting)}
        for ticket, answer in answers.items():
            if isinstance(answer, Permit):
                bench.throttle.done(answer)
                served.append(ticket)
                waiting.remove(ticket)
        bench.sleep(min([answer.ms for answer in answers.values() if isinstance(answer, Wait)], default=0))
    assert served == ["a", "b", "c"]


def test_a_ticket_that_does_not_come_at_its_turn_is_dropped_after_a_grace(bench: Bench) -> None:
    budget = per(1, SHORT)
    bench.warm()
    bench.fill(budget)
    turn = bench.wait(budget, "gone").ms
    assert bench.wait(budget, "behind").position == 1
    bench.sleep(turn + GRACE_MS + 1)
    bench.permit(budget, "behind")


def test_a_dropped_ticket_may_come_again_at_the_end(bench: Bench) -> None:
    budget = per(1, LONG)
    bench.warm(quiet_ms=SHORT)
    turn = bench.wait(budget, "late").ms
    bench.wait(budget, "punctual")
    bench.sleep(turn + GRACE_MS + 1)
    bench.permit(budget, "punctual")
    assert bench.wait(budget, "newcomer").position == 0
    assert bench.wait(budget, "late").position == 1


def test_who_leaves_frees_the_place(bench: Bench) -> None:
    bench.warm()
    bench.fill(per(1, LONG))
    bench.wait(per(1, LONG), "a")
    bench.wait(per(1, LONG), "b")
    bench.throttle.leave(bench.key, "a")
    assert bench.wait(per(1, LONG), "b").position == 0


def test_leaving_a_line_that_one_is_not_in_does_nothing(bench: Bench) -> None:
    bench.warm()
    bench.throttle.leave(bench.key, "nobody")
    bench.permit(per(1, LONG), "a")


def test_a_pause_holds_for_everybody_and_says_so(bench: Bench) -> None:
    bench.warm()
    bench.throttle.pause(bench.key, LONG)
    answers = [bench.wait(per(5, LONG), ticket) for ticket in "ab"]
    assert all(answer.paused for answer in answers)
    assert all(LONG - 5_000 < answer.ms <= LONG for answer in answers)


def test_a_pause_is_never_shortened(bench: Bench) -> None:
    bench.warm()
    bench.throttle.pause(bench.key, LONG)
    bench.throttle.pause(bench.key, 1)
    assert bench.wait(per(5, LONG), "a").ms > LONG - 5_000


def test_a_pause_ends(bench: Bench) -> None:
    bench.warm()
    bench.throttle.pause(bench.key, SHORT)
    bench.sleep(bench.wait(per(1, LONG), "a").ms)
    bench.permit(per(1, LONG), "a")


def test_waiters_keep_their_places_in_a_pause_and_their_turns_start_at_its_end(bench: Bench) -> None:
    bench.warm()
    bench.fill(per(2, LONG))
    for ticket in "abcd":
        bench.wait(per(2, LONG), ticket)
    bench.throttle.pause(bench.key, 3 * LONG)
    again = [bench.wait(per(2, LONG), ticket) for ticket in "abcd"]
    assert [answer.position for answer in again] == [0, 1, 2, 3]
    assert [round(answer.ms / LONG) for answer in again] == [3, 3, 4, 4]


def test_a_pause_on_a_cold_connection_outlasts_its_warm_up(bench: Bench) -> None:
    bench.throttle.pause(bench.key, LONG)
    assert isinstance(bench.ask(per(1, LONG), "a"), Cold)
    bench.warm()
    assert bench.wait(per(1, LONG), "a").paused


def test_a_call_counts_until_a_window_after_its_end_not_after_its_start(bench: Bench) -> None:
    budget = per(1, 2 * SHORT)
    bench.warm()
    permit = bench.permit(budget, "a")
    bench.sleep(SHORT)
    bench.throttle.done(permit)
    assert bench.wait(budget, "b").ms > SHORT


def test_the_end_of_a_call_frees_its_slot_before_its_deadline(bench: Bench) -> None:
    budget = per(1, SHORT)
    bench.warm()
    bench.throttle.done(bench.permit(budget, "a", deadline_ms=LONG))
    bench.sleep(SHORT + 1)
    bench.permit(budget, "b")


def test_a_call_that_is_never_given_back_counts_for_its_whole_deadline(bench: Bench) -> None:
    budget = per(1, SHORT)
    bench.warm()
    bench.permit(budget, "a", deadline_ms=2 * SHORT)
    bench.sleep(SHORT + 1)
    bench.wait(budget, "b")
    bench.sleep(2 * SHORT)
    bench.permit(budget, "b")


def test_a_call_that_outlived_its_deadline_counts_from_when_it_ended(bench: Bench) -> None:
    budget = per(1, LONG)
    bench.warm()
    late = bench.permit(budget, "a", deadline_ms=1)
    bench.sleep(50)
    bench.throttle.done(late)
    assert bench.wait(budget, "b").ms > LONG - 50 + 25


def test_attempts_that_have_begun_are_before_all_others_and_in_order_among_themselves(bench: Bench) -> None:
    bench.warm()
    bench.fill(per(2, LONG))
    assert [bench.wait(per(2, LONG), ticket).position for ticket in "ab"] == [0, 1]
    assert [bench.wait(per(2, LONG), ticket, begun=True).position for ticket in "cd"] == [0, 1]
    assert [bench.wait(per(2, LONG), ticket).position for ticket in "cdab"] == [0, 1, 2, 3]
    assert bench.wait(per(2, LONG), "a", begun=True).position == 2, "who is in the line already stays there"


def test_turns_of_later_rounds_reckon_with_how_long_calls_last(bench: Bench) -> None:
    budget = per(1, LONG)
    bench.warm()
    permit = bench.permit(budget, "a")
    bench.sleep(500)
    bench.throttle.done(permit)
    first, third = bench.wait(budget, "b").ms, [bench.wait(budget, ticket) for ticket in "cd"][1].ms
    assert 2 * LONG + 2 * 500 <= third - first + 10 <= 2 * LONG + 2 * (LONG // 50)


def test_a_call_that_lasted_long_does_not_tell_the_line_to_come_much_too_late(bench: Bench) -> None:
    budget = per(1, SHORT)
    bench.warm()
    permit = bench.permit(budget, "a")
    bench.sleep(2 * SHORT)
    bench.throttle.done(permit)
    first, second = bench.wait(budget, "b").ms, bench.wait(budget, "c").ms
    assert second - first <= SHORT + SHORT // 50 + 1


def test_a_line_in_which_everybody_comes_when_told_is_served_without_gaps(bench: Bench) -> None:
    budget = per(4, SHORT)
    bench.warm()
    due = {f"t{number}": 0 for number in range(16)}
    asked = 0
    for elapsed in itertools.count():
        for ticket in [ticket for ticket, at in due.items() if at <= elapsed]:
            answer = bench.ask(budget, ticket)
            asked += 1
            if isinstance(answer, Permit):
                bench.throttle.done(answer)
                del due[ticket]
            else:
                assert isinstance(answer, Wait)
                due[ticket] = elapsed + answer.ms
        if not due:
            break
        bench.sleep(1)
    assert asked <= 16 * 5, "they come when it is their turn; they do not poll"
