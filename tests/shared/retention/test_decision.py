"""What is no longer kept, decided from facts alone."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.artifacts.store import StoredFile
from shared.jobs.census import EndedJob
from shared.retention.decision import Decisions, decide
from shared.retention.facts import Facts, Kind, job_of, kind_of, object_of
from shared.retention.reasons import Why
from shared.settings import RetentionSettings

KEEP = RetentionSettings(
    leftovers_seconds=10, artifacts_seconds=100, records_seconds=200, images_seconds=20, quarantine_seconds=30
)
JOBS = ("job_a", "job_b", "job_c", "job_d")
KEYS = tuple(digit * 64 for digit in "0123")
IMAGES = tuple(f"sha256:{digit * 64}" for digit in "45")
AGES = st.floats(0, 300)


def result_files(key: str, age_seconds: float, size: int = 10) -> tuple[StoredFile, ...]:
    folder = f"stages/{key[:2]}/{key}/"
    return tuple(StoredFile(folder + name, size, age_seconds) for name in ("frame.npy", "frame.png", "result.json"))


def image_file(image: str, age_seconds: float) -> StoredFile:
    digest = image.removeprefix("sha256:")
    return StoredFile(f"images/{digest[:2]}/{digest}.png", 10, age_seconds)


def ended(job_id: str, seconds: float) -> EndedJob:
    return EndedJob(job_id, "1", seconds)


@st.composite
def scenes(draw: st.DrawFn) -> Facts:
    """Jobs that share results and images, some ended, and files of every class."""
    jobs = draw(st.dictionaries(st.sampled_from(JOBS), st.none() | AGES))
    refer = st.frozensets(st.sampled_from(sorted(jobs) or ["job_nobody"]))
    with_pictures = {job: draw(st.booleans()) for job in jobs}
    referrers = {
        key: frozenset(job for job in draw(refer) if with_pictures.get(job))
        for key in draw(st.sets(st.sampled_from(KEYS)))
    }
    images = {image: frozenset(draw(refer) & set(jobs)) for image in draw(st.sets(st.sampled_from(IMAGES)))}
    loose = [
        StoredFile(f"{folder}/{draw(st.sampled_from(JOBS))}/dream-00/{number}", 10, draw(AGES))
        for folder in ("checkpoints", "previews", "quarantine", "elsewhere")
        for number in range(draw(st.integers(0, 2)))
    ]
    files = [
        *loose,
        *(file for key in referrers for file in result_files(key, draw(AGES), draw(st.integers(0, 50)))),
        *(image_file(image, draw(AGES)) for image in images),
    ]
    over = [EndedJob(job, "1", age, has_pictures=with_pictures[job]) for job, age in jobs.items() if age is not None]
    return Facts(
        files=tuple(files),
        ended=tuple(sorted(over, key=lambda job: -job.ended_seconds)),
        referrers={**referrers, **images},
        needed=frozenset(
            file.key for file in loose if with_pictures.get(job_of(file.key), True) and draw(st.booleans())
        ),
    )


KEEPS = st.builds(
    RetentionSettings,
    leftovers_seconds=AGES,
    artifacts_seconds=st.floats(0, 100),
    records_seconds=st.floats(100, 300) | st.just(math.inf),
    images_seconds=AGES,
    quarantine_seconds=AGES,
    max_bytes=st.none() | st.integers(0, 500),
)


def names(decisions: Decisions, kind: Kind) -> set[str]:
    return {departure.name for departure in decisions.of(kind)}


def carried_out(facts: Facts, decisions: Decisions) -> Facts:
    """What is seen after a sweep."""
    gone = {file.key for departure in decisions.departures for file in departure.files}
    retired = {job.id for job in decisions.retire}
    forgotten = names(decisions, Kind.RECORDS)
    return Facts(
        files=tuple(file for file in facts.files if file.key not in gone),
        ended=tuple(
            replace(job, has_pictures=job.has_pictures and job.id not in retired)
            for job in facts.ended
            if job.id not in forgotten
        ),
        referrers={
            name: jobs - forgotten - (retired if name in KEYS else frozenset())
            for name, jobs in facts.referrers.items()
        },
        needed=facts.needed,
    )


@given(facts=scenes(), keep=KEEPS)
def test_nothing_goes_that_somebody_needs(facts: Facts, keep: RetentionSettings) -> None:
    decisions = decide(facts, keep)

    retired, forgotten = {job.id for job in decisions.retire}, names(decisions, Kind.RECORDS)
    assert retired | forgotten <= {job.id for job in facts.ended}
    assert all(facts.referrers[name] <= retired for name in names(decisions, Kind.ARTIFACTS))
    assert all(facts.referrers[name] <= forgotten for name in names(decisions, Kind.IMAGES))
    needed = {key for key in facts.needed if job_of(key) not in retired}
    assert not {file.key for departure in decisions.departures for file in departure.files} & needed
    assert all(kind_of(file.key) for departure in decisions.departures for file in departure.files)


@given(facts=scenes(), keep=KEEPS)
def test_a_record_outlives_its_pictures(facts: Facts, keep: RetentionSettings) -> None:
    decisions = decide(facts, keep)

    kept = {job.id for job in facts.ended if job.has_pictures} - {job.id for job in decisions.retire}
    assert not names(decisions, Kind.RECORDS) & kept


@given(facts=scenes(), keep=KEEPS)
def test_what_was_swept_once_needs_no_second_sweep(facts: Facts, keep: RetentionSettings) -> None:
    after = carried_out(facts, decide(facts, keep))

    again = decide(after, keep)

    assert (again.retire, again.departures) == ((), ())


@given(facts=scenes(), keep=KEEPS)
def test_a_budget_is_kept_or_what_is_left_belongs_to_jobs_that_may_not_lose_it(
    facts: Facts, keep: RetentionSettings
) -> None:
    decisions = decide(facts, keep)

    after = carried_out(facts, decisions)
    kept_bytes = sum(file.bytes for file in after.files if kind_of(file.key))
    if keep.max_bytes is not None:
        assert decisions.excess_bytes == max(0, kept_bytes - keep.max_bytes)
    if decisions.excess_bytes:
        over = {job.id for job in facts.ended}
        left = {object_of(file.key) for file in after.files if kind_of(file.key) is Kind.ARTIFACTS}
        assert all(after.referrers[name] - over for name in left)


def test_nothing_goes_where_everything_is_kept_for_ever() -> None:
    for_ever = RetentionSettings.model_validate(
        dict.fromkeys(
            ("leftovers_seconds", "artifacts_seconds", "records_seconds", "images_seconds", "quarantine_seconds"),
            "never",
        )
    )
    facts = Facts(
        files=(
            *result_files(KEYS[0], 1e12),
            image_file(IMAGES[0], 1e12),
            StoredFile("checkpoints/a/b/1-0.npz", 1, 1e12),
        ),
        ended=(ended("job_a", 1e12),),
        referrers={KEYS[0]: frozenset({"job_a"})},
    )

    assert decide(facts, for_ever) == Decisions()


def test_a_result_goes_with_the_last_job_that_refers_to_it() -> None:
    facts = Facts(result_files(KEYS[0], 500), (ended("job_a", 150),), {KEYS[0]: frozenset({"job_a", "job_b"})})

    shared = decide(facts, KEEP)
    alone = decide(replace(facts, referrers={KEYS[0]: frozenset({"job_a"})}), KEEP)

    assert (names(shared, Kind.ARTIFACTS), [job.id for job in shared.retire]) == (set(), ["job_a"])
    assert [(departure.name, departure.why) for departure in alone.departures] == [(KEYS[0], Why.ENDED)]


def test_results_that_no_job_knows_are_given_the_time_of_an_ended_job() -> None:
    files = (*result_files(KEYS[0], 99), *result_files(KEYS[1], 100))

    assert names(decide(Facts(files), KEEP), Kind.ARTIFACTS) == {KEYS[1]}


def test_images_stay_while_a_record_names_them() -> None:
    facts = Facts((image_file(IMAGES[0], 500),), (ended("job_a", 150),), {IMAGES[0]: frozenset({"job_a"})})

    parted = decide(facts, KEEP)
    forgotten = decide(replace(facts, ended=(ended("job_a", 200),)), KEEP)

    assert names(parted, Kind.IMAGES) == set()
    assert names(forgotten, Kind.IMAGES) == {IMAGES[0]}


def test_over_the_budget_the_first_ended_go_first_and_only_as_many_as_needed() -> None:
    keys = KEYS[:3]
    facts = Facts(
        files=tuple(file for key in keys for file in result_files(key, 5, size=100)),
        ended=(ended("job_a", 50), ended("job_b", 40), ended("job_c", 30)),
        referrers={key: frozenset({job}) for key, job in zip(keys, JOBS, strict=False)},
    )

    decisions = decide(facts, KEEP.model_copy(update={"max_bytes": 500}))

    assert [job.id for job in decisions.retire] == ["job_a", "job_b"]
    assert {departure.why for departure in decisions.departures} == {Why.BUDGET}
    assert decisions.excess_bytes == 0


def test_no_job_is_parted_from_pictures_that_a_running_one_keeps_anyway() -> None:
    facts = Facts(
        result_files(KEYS[0], 5, size=100), (ended("job_a", 50),), {KEYS[0]: frozenset({"job_a", "job_running"})}
    )

    decisions = decide(facts, KEEP.model_copy(update={"max_bytes": 0}))

    assert decisions == Decisions(excess_bytes=300)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("stages/00/0011/frame.npy", Kind.ARTIFACTS),
        ("stages/00/0011/.frame.npy.0a1b2c", Kind.HALF_WRITTEN),
        ("health/0a1b", Kind.HALF_WRITTEN),
        ("quarantine/checkpoints/job_a/dream-00/1-0.npz", Kind.QUARANTINE),
        ("README.md", None),
        ("holiday/cat.jpg", None),
    ],
)
def test_a_file_is_told_by_its_folder_and_what_is_not_ours_is_left_alone(key: str, kind: Kind | None) -> None:
    assert kind_of(key) is kind


def test_a_record_that_would_go_before_its_pictures_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"records_seconds .* must be at least artifacts_seconds"):
        RetentionSettings(artifacts_seconds=10, records_seconds=5)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("15m", 900), ("12h", 43200), ("1.5d", 129600), ("never", math.inf)],
)
def test_durations_are_written_as_people_write_them(text: str, seconds: float) -> None:
    settings = RetentionSettings.model_validate({"images_seconds": text})

    assert settings.images_seconds == seconds
    assert RetentionSettings.model_validate(settings.model_dump()) == settings


@pytest.mark.parametrize("text", ["soon", "-1", "3 weeks", "d", ""])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="images_seconds"):
        RetentionSettings.model_validate({"images_seconds": text})
