"""python3 same_report.py BINDING TEGATA: the Python binding and the command line print the same bytes for the same files."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

binding, program = sys.argv[1:]
sys.path.insert(0, binding)
import tegata  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TESTDATA = Path(os.environ.get("TEGATA_TESTDATA", ROOT.parent / "shared/testdata"))
VECTORS = ROOT / "testvectors/vectors"


def cases():
    for name in ("mdl-5-of-30", "mdl-revoked", "mdl-no-transcript"):
        folder = VECTORS / name
        transcript = "session-transcript.cbor" if (folder / "session-transcript.cbor").exists() else None
        yield name, folder, "device-response.cbor", "root.pem", transcript, "iaca.crl", "status-list.cwt", None, \
            "strict", "2026-07-01T12:00:00Z"
    if not TESTDATA.is_dir():
        print("skipped: Annex D (no third-party test data, TEGATA_TESTDATA)")
        return
    folder = TESTDATA / "annex-d"
    key = json.loads((folder / "keys.json").read_text())["ephemeral_reader_key_d"]
    yield "Annex D with its device MAC", folder, "d4.1.2-device-response.cbor", "d5.2-iaca.der", \
        "d5.1-session-transcript.cbor", None, None, key, "interop", "2021-01-01T00:00:00Z"


passed = failed = 0
for name, folder, document, root, transcript, crl, status, reader_key, policy, at in cases():
    read = lambda file: (folder / file).read_bytes()  # noqa: E731
    ours = tegata.verify(tegata.VerifyRequest(
        input=read(document),
        policy=tegata.PolicyName.STRICT if policy == "strict" else tegata.PolicyName.INTEROP,
        revocation=tegata.RevocationMode.BY_POLICY,
        at=int(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()),
        trust=[read(root)],
        dangerous_pin_document_signer=[],
        crls=[read(crl)] if crl else [],
        status_lists=[read(status)] if status else [],
        transcript=read(transcript) if transcript else None,
        reader_key=reader_key,
        issuer_data_only=False,
        lang="en",
    ))
    options = ["verify", folder / document, "--trust", folder / root, "--at", at, "--policy", policy, "--json", "--lang", "en"]
    options += ["--transcript", folder / transcript] if transcript else []
    options += ["--crl", folder / crl] if crl else []
    options += ["--status", folder / status] if status else []
    options += ["--reader-key", reader_key] if reader_key else []
    native = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    assert native.returncode in (0, 10, 11), native.stderr
    same = ours == native.stdout
    print(f"{'same' if same else 'DIFFERENT'} ({json.loads(ours)['verdict']}): {name}")
    passed, failed = passed + same, failed + (not same)

try:
    tegata.verify(tegata.VerifyRequest(
        input=b"", policy=tegata.PolicyName.STRICT, revocation=tegata.RevocationMode.BY_POLICY, at=0, trust=[],
        dangerous_pin_document_signer=[], crls=[], status_lists=[], transcript=None, reader_key=None,
        issuer_data_only=False, lang="en"))
    print("NOT REFUSED: an empty input")
    failed += 1
except tegata.VerifyError as error:
    print(f"refused: an empty input ({error})")
    passed += 1
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
