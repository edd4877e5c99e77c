"""python3 store.py BINDING TEGATA: the trust store through the Python binding and through the command line, side by side:
the same reports and pages, and what is kept by one is opened by the other."""

import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

binding, program = sys.argv[1:]
sys.path.insert(0, binding)
import tegata  # noqa: E402

FOLDER = Path(__file__).resolve().parents[2] / "testvectors/store"
CASE = json.loads((FOLDER / "case.json").read_text())
passed = failed = 0


def check(holds, what):
    global passed, failed
    print(f"{'ok' if holds else 'FAILED'}: {what}")
    passed, failed = passed + bool(holds), failed + (not holds)


def seconds(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


class File(tegata.StorePersistence):
    """The file of `tegata trust`, and a counter beside it."""

    def __init__(self, path):
        self.path = Path(path)
        self.counter = None

    def load(self):
        return self.path.read_bytes() if self.path.exists() else None

    def save(self, bytes):
        self.path.write_bytes(bytes)

    def generation(self):
        return self.counter

    def raise_generation(self, generation):
        self.counter = generation


class Broken(File):
    def load(self):
        raise tegata.PersistenceError.Failed("the medium is gone")


class Surprising(File):
    def load(self):
        raise ValueError("nobody expects this")


def fetch(download, folder):
    while request := download.next():
        path = FOLDER / folder / request.url.removeprefix(CASE["base"]).lstrip("/")
        if path.exists():
            with path.open("rb") as file:
                download.answer(200, file.read(request.max_bytes + 1))
        else:
            download.answer(404, b"")


def refused(action):
    """The id of the refusal."""
    try:
        action()
    except tegata.StoreError.Refused as error:
        assert error.detail and error.remedy and error.remedy_ja
        return error.id
    return None


def native(*options, status=0):
    done = subprocess.run([program, *map(str, options)], capture_output=True, text=True, check=False)
    if done.returncode != status:
        raise AssertionError(f"{options}: {done.returncode}: {done.stderr}")
    return done


def request(at):
    return tegata.VerifyRequest(
        input=(FOLDER / CASE["input"]).read_bytes(), policy=tegata.PolicyName.STRICT,
        revocation=tegata.RevocationMode.BY_POLICY, at=seconds(at), trust=[], dangerous_pin_document_signer=[], crls=[],
        status_lists=[], transcript=(FOLDER / CASE["session_transcript"]).read_bytes(), reader_key=None,
        issuer_data_only=False, lang="en")


def verify_natively(store, step):
    status = {"accepted": 0, "rejected": 10, "undetermined": 11}[step["verdict"]]
    return native("verify", FOLDER / CASE["input"], "--store", store, "--transcript", FOLDER / CASE["session_transcript"],
                  "--at", step["at"], "--json", "--lang", "en", status=status).stdout


def without_store(page):
    page = json.loads(page)
    page.pop("store", None)
    return page


def create(place, profile):
    return tegata.VerifierStore.create(place, (FOLDER / CASE["root"]).read_bytes(), CASE["sha256"], profile)


def life(directory):
    place, theirs = File(directory / "ours.store"), directory / "theirs.store"
    check(refused(lambda: tegata.VerifierStore.open(place, tegata.StoreProfile.ONLINE)) == "store-absent", "nothing is kept yet")
    store = create(place, tegata.StoreProfile.ONLINE)
    native("trust", "init", theirs, "--root", FOLDER / CASE["root"], "--sha256", CASE["sha256"])
    for step in CASE["steps"]:
        at, what = step["at"], f"{step['do']} at {step['at']}"
        if step["do"] == "verify":
            ours = store.verify(request(at))
            check(ours == verify_natively(theirs, step) == (FOLDER / step["report"]).read_text(),
                  f"{what}: the same report ({step['verdict']} {step['cause']})")
            check(verify_natively(place.path, step) == ours, f"{what}: the command line opens what is kept here")
            doctor = store.doctor(seconds(at), tegata.PolicyName.STRICT, tegata.RevocationMode.BY_POLICY, None)
            doctor_status = 0 if json.loads(doctor)["healthy"] else 1
            theirs_found = native("trust", "doctor", theirs, "--at", at, "--json", status=doctor_status).stdout
            check(doctor == theirs_found, f"{what}: the doctor says the same (healthy: {doctor_status == 0})")
        else:
            sync = store.begin_sync(CASE["base"], seconds(at))
            fetch(sync, step["from"])
            options = ("trust", "sync", theirs, "--from", FOLDER / step["from"], "--at", at, "--json")
            if step["error"]:
                found = refused(sync.finish)
                told = json.loads(native(*options, status=1).stderr)["error"]["id"]
                check(found == told == step["error"], f"{what} from {step['from']}: refused ({found})")
            else:
                check(json.loads(sync.finish()) == without_store(native(*options).stdout), f"{what}: the same changes")
        shown = native("trust", "show", theirs, "--at", at, "--json").stdout
        check(store.show(seconds(at)) == shown, f"{what}: the same anchors, states and ages")
        store = tegata.VerifierStore.open(place, tegata.StoreProfile.ONLINE)


def faults(directory):
    place = File(directory / "faults.store")
    store = create(place, tegata.StoreProfile.ONLINE)
    old = place.load()
    sync = store.begin_sync(CASE["base"], seconds("2026-12-01T01:00:00Z"))
    check(refused(sync.finish) == "sync-unfinished", "an update that is not over")
    fetch(sync, "before")
    sync.finish()
    check(refused(sync.finish) == "sync-over", "an update that is over")
    good = place.load()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    for kept, expected in ((bytes(flipped), "store-digest"), (good[:-1], "store-damaged"), (b"", "store-empty"),
                           (old, "store-rolled-back")):
        place.path.write_bytes(kept)
        check(refused(lambda: tegata.VerifierStore.open(place, tegata.StoreProfile.ONLINE)) == expected, expected)
    place.path.unlink()
    check(refused(lambda: tegata.VerifierStore.open(place, tegata.StoreProfile.ONLINE)) == "store-rolled-back", "a lost file")
    for broken in (Broken, Surprising):
        found = refused(lambda: tegata.VerifierStore.open(broken(directory / "x"), tegata.StoreProfile.ONLINE))
        check(found == "load-medium", f"a place that throws ({broken.__name__})")


def gate(directory):
    offline = CASE["offline"]
    root = (FOLDER / CASE["root"]).read_bytes()
    export = tegata.BundleExport.begin(root, CASE["base"], seconds(offline["exported"]))
    fetch(export, offline["from"])
    exported = export.finish()
    theirs = directory / "theirs.bundle"
    native("trust", "export", "--root", FOLDER / CASE["root"], "--from", FOLDER / offline["from"], "--out", theirs,
           "--at", offline["exported"])
    check(exported.bundle == theirs.read_bytes() and not exported.missing, "the same bundle")
    place = File(directory / "gate.store")
    store = create(place, tegata.StoreProfile.OFFLINE)
    imported = json.loads(store.import_bundle(exported.bundle, seconds(offline["at"])))
    check(imported["fetched"] == offline["exported"], f"imported, {imported['age_seconds'] // 86400} days old")
    check(store.verify(request(offline["at"])) == (FOLDER / offline["report"]).read_text(), "the same report at the gate")


with tempfile.TemporaryDirectory() as scratch:
    life(Path(scratch))
    faults(Path(scratch))
    gate(Path(scratch))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
