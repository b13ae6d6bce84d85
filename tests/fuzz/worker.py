"""Break and read one file after another, in a process that may well die of it."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fuzz.formats import TEXT, ZIP, Format
from tests.fuzz.mutators import BINARY as BINARY_MUTATORS
from tests.fuzz.mutators import CUTS
from tests.fuzz.mutators import TEXT as TEXT_MUTATORS

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MAX_MEMORY_BYTES = 4 * 2**30
LONGEST_MESSAGE = 1500
_ENTRIES = ("../up.shp", "/abs.shp", "C:/x.shp", "a/../../b.shp", "x\\..\\..\\y.shp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Which input: of a format, from its seeds, by a number."""

    format: Format
    seeds: tuple[Path, ...]
    number: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What came of an input.

    Attributes
    ----------
    outcome
        ``"same"`` or ``"other"`` if it was read, ``"refused"``, ``"wrong"``.
    how
        What was done to the file.
    said
        The error, or what is wrong.
    noise
        What libraries wrote to the standard error.
    took_s
        How long reading took.
    """

    outcome: str
    how: str
    said: str = ""
    noise: str = ""
    took_s: float = 0.0


def break_file(task: Task, folder: Path) -> str:
    """Put the broken input into a folder; return what was done to it."""
    rng = random.Random(f"{task.seed}/{task.format.name}/{task.number}")
    # Real files are larger; they get every tenth turn.
    small = [seed for seed in task.seeds if not seed.name.startswith("real_")]
    pool = task.seeds if rng.random() < 0.1 else small
    seed = rng.choice(pool)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(seed, folder)
    pattern = rng.choice(task.format.breaks)
    target = rng.choice(sorted(p for p in folder.glob(pattern) if p.is_file()))
    other = rng.choice(small) / target.relative_to(folder)
    content = target.read_bytes()
    splice = other.read_bytes() if other.is_file() else content
    broken, how = _broken(content, splice, task.format.kind, rng)
    target.write_bytes(broken)
    return f"{how} of {seed.name}/{target.relative_to(folder)}"


def _broken(
    content: bytes, other: bytes, kind: str, rng: random.Random
) -> tuple[bytes, str]:
    if kind == ZIP and rng.random() < 0.6:
        return _broken_inside(content, rng)
    mutators = TEXT_MUTATORS if kind == TEXT else BINARY_MUTATORS
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        mutate = rng.choice(mutators)
        content = mutate(content, rng, other)
        names.append(mutate.__name__)
    return content, "+".join(names)


def _broken_inside(content: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Break one member of an archive, which then is whole again."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        chosen = rng.choice(names)
        text = chosen.endswith((".txt", ".prj", ".cpg"))
        mutate = rng.choice(TEXT_MUTATORS if text else BINARY_MUTATORS)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as again:
            for name in names:
                whole = archive.read(name)
                again.writestr(
                    name, mutate(whole, rng, whole) if name == chosen else whole
                )
            if rng.random() < 0.1:
                again.writestr(rng.choice(_ENTRIES), b"x")
    return packed.getvalue(), f"member {chosen} {mutate.__name__}"


def work(connection: Connection, folder: Path) -> None:
    """Do tasks until there are no more."""
    noise = _prepare(folder)
    from tests.fuzz.reading import READERS

    _limit_memory()
    baselines: dict[Path, Any] = {}
    connection.send("ready")
    while (task := connection.recv()) is not None:
        how = break_file(task, folder / "input")
        for seed in task.seeds:
            if how.split(" of ")[1].startswith(f"{seed.name}/"):
                break
        if seed not in baselines:
            baselines[seed] = _baseline(READERS, task, seed, folder / "whole")
        connection.send("start")
        noise.truncate(0)
        started = time.perf_counter()
        outcome, said = _read(READERS, task, folder, how, baselines[seed])
        took_s = time.perf_counter() - started
        noise.seek(0)
        heard = noise.read(2000).decode("utf-8", "replace").strip()
        connection.send(
            Result(outcome=outcome, how=how, said=said, noise=heard, took_s=took_s)
        )


def _prepare(folder: Path) -> Any:
    for name in ("scratch", "cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(folder / "scratch")
    os.environ["CTZGIS_CACHE"] = str(folder / "cache")
    os.environ["OMP_NUM_THREADS"] = "1"
    noise = (folder / "stderr").open("w+b", buffering=0)
    sys.stderr.flush()
    os.dup2(noise.fileno(), 2)
    os.set_inheritable(2, True)
    # O_APPEND, so that what was cut off is not padded with zeros.
    import fcntl

    flags = fcntl.fcntl(2, fcntl.F_GETFL)
    fcntl.fcntl(2, fcntl.F_SETFL, flags | os.O_APPEND)
    warnings.simplefilter("error")
    warnings.filterwarnings(
        "ignore", message="Use `@` matmul", category=PendingDeprecationWarning
    )
    return noise


def _limit_memory() -> None:
    import ctzgis

    for name in ("read_network", "read_gtfs", "read_zonal_sums", "read_plan"):
        getattr(ctzgis, name)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _baseline(readers: Any, task: Task, seed: Path, folder: Path) -> Any:
    from ctzgis.errors import CtzgisError

    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(seed, folder)
    try:
        return readers[task.format.read](folder / task.format.entry)
    except CtzgisError:
        if seed.name.startswith("real_"):
            return None
        raise


def _read(
    readers: Any, task: Task, folder: Path, how: str, whole: Any
) -> tuple[str, str]:
    from ctzgis.errors import CtzgisError

    place = folder / "input"
    before = _files(place)
    try:
        found = readers[task.format.read](place / task.format.entry)
        outcome, said = _judged(found, whole, task, how, place)
    except CtzgisError as error:
        said = str(error)
        outcome = "refused"
        if fault := _fault_of_message(error, task, place):
            outcome = "wrong"
            said = f"{fault}: {type(error).__name__}: {said[:400]!r}"
    except BaseException as error:  # noqa: BLE001 - whatever else is raised is a bug
        inner = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{Path(inner.filename).name}:{inner.lineno}"
        outcome, said = "wrong", f"{type(error).__name__} at {at}: {str(error)[:300]}"
    left = sorted(_files(place) ^ before) or sorted((folder / "scratch").iterdir())
    if left:
        outcome, said = "wrong", f"left behind: {left}; {said}"
        shutil.rmtree(folder / "scratch")
        (folder / "scratch").mkdir()
    for kept in (folder / "cache").iterdir():
        kept.unlink()
    return outcome, said


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _judged(
    found: Any, whole: Any, task: Task, how: str, place: Path
) -> tuple[str, str]:
    """Tell whether what was read may be taken for what the file once said."""
    if whole is None:
        return "other", ""
    if found.digest == whole.digest:
        return "same", ""
    steps = how.split(" of ")[0].removeprefix("member ").split(" ")[-1]
    single = "+" not in steps
    told = set(found.told) - set(whole.told)
    if task.format.name == "cache npz":
        return "wrong", "the cache gave something else than was kept"
    if single and steps == "append" and task.format.kind != TEXT and not told:
        return "wrong", "silent: bytes after the end changed the result"
    vanished = found.rows < whole.rows
    if single and steps in CUTS and vanished and not told:
        target = place / how.split(" of ")[1].split("/", 1)[1]
        if task.format.open_ended and _ends_at_a_border(target, task):
            return "other", ""
        return "wrong", f"silent: {whole.rows - found.rows} rows vanished with the end"
    return "other", ""


def _ends_at_a_border(path: Path, task: Task) -> bool:
    return path.suffix != ".csv" or path.read_bytes().endswith(b"\n")


def _fault_of_message(error: Exception, task: Task, place: Path) -> str:
    text = str(error)
    if not text.strip():
        return "no message"
    if any(ord(c) < 32 or c in "\x7f\x85\u2028\u2029" for c in text):
        return "more than one line, or steers a terminal"
    if len(text) > LONGEST_MESSAGE:
        return f"{len(text)} characters"
    names = [task.format.entry, *(p.name for p in place.rglob("*"))]
    if not any(name in text for name in names):
        return "names no file"
    return ""
