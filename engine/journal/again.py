"""Runs that do others again, and what people say of uncertain steps. Owns the values and the port of these use-cases; knows no SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.core.again import Recorded
from engine.core.statuses import RunStatus
from engine.journal.records import Lane, Run, Settled, StepChange
from engine.strictjson import Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Copies:
    """Attempts of the origin that the new run is given: of each path number ``attempt``, as its first, or all of them as they are (None)."""

    paths: Sequence[str]
    attempt: int | None = 1
    folded: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Resealed:
    """What a copied row keeps sealed, sealed for the new run."""

    path: str
    attempt: int
    given: Json
    output: Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """What a person says of the attempt (path, attempt) of a run, which is uncertain. ``output`` is for the audit log."""

    run_id: str
    path: str
    attempt: int
    settled: Settled
    actor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRerun:
    """A run that does ``origin`` again.

    ``id``: the new run's, made by the caller, who has sealed for it. ``seen``: the origin's ``rerun_by`` as the caller saw it. ``inputs``: as the
    row keeps them. ``copies``: how many attempts they are is ``copied``; ``changes`` are written after them. ``word``: said with it.
    """

    id: str
    origin: str
    digest: str
    inputs: JsonObject
    actor: str
    lane: Lane | None = None
    seen: str | None = None
    path: str | None = None
    copies: Sequence[Copies] = ()
    copied: int = 0
    resealed: Sequence[Resealed] = ()
    changes: Sequence[StepChange] = ()
    unsettled: Mapping[str, str] = field(default_factory=dict)
    word: Word | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rerun:
    """What became of a NewRerun.

    ``run_id``: the new run; ``held``: it waits for a place in its lane. None, and nothing is written: ``done_by`` is the run that did the origin
    again meanwhile, ``status`` the origin's when it is not over, ``said`` the other word that was there, ``refused`` why the lane took no run;
    with none of them the origin is gone, or being cleared away.
    """

    run_id: str | None = None
    held: bool = False
    done_by: str | None = None
    status: RunStatus | None = None
    said: Settled | None = None
    refused: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A word that was said: of this step of this run."""

    path: str
    settled: Settled
    settled_at: int


class Reruns(Protocol):
    """Runs that are over, and what people do about them. Runs that are over are never changed: what is done again is another run.

    Every act writes a row of the audit log in its transaction. Methods raise as those of ``engine.journal.port`` do.
    """

    def recorded(self, run_id: str) -> Sequence[Recorded]:
        """Every attempt of the run, folded or not, without what went in and came out; by path and attempt."""

    def start(self, rerun: NewRerun, *, ring_in_ms: int) -> Rerun:
        """Start the run, queued and due in ``ring_in_ms`` or held, with the same event, item, owner and depth, and note it at the origin.

        In one transaction, and only while the origin is over and its ``rerun_by`` is ``seen``: of two persons at once one gets the run, the other is told of
        it. Copied attempts keep their times; the origin's steps are read in the same transaction. Raises NotFoundError when its event is gone.
        """

    def settle(self, word: Word) -> Settled | None:
        """Note the word, once: the word that stands there then, whosever it is. None when there is no such attempt that is uncertain."""

    def said(self, run_ids: Sequence[str]) -> Mapping[str, Sequence[Said]]:
        """What was said of steps of these runs, by run, in order of path; a run of which nothing was said is left out."""

    def made_of(self, run_id: str) -> Sequence[Run]:
        """The runs that did this one again, oldest first."""
