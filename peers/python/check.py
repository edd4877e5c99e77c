"""check.py issued|response DIR: pymdoccbor as the verifier.

DIR holds iaca.pem, issued.cbor and response.cbor, as `tegata demo --dir` leaves them.
Exit status: 0 accepted, 1 rejected, 2 bad usage or unreadable input.
"""

import logging
import sys
from pathlib import Path
from typing import Callable

import cbor2
from cryptography import x509
from pymdoccbor.mdoc.issuersigned import IssuerSigned
from pymdoccbor.mdoc.verifier import MdocCbor

# Read in the source of pymdoccbor 1.4.0; README.md says where.
NOT_CHECKED = (
    "device signature and transcript",
    "validityInfo of the MSO",
    "profile, name and key identifiers of the certificates",
    "dates of the IACA certificate",
    "namespaces that the MSO does not have",
    "docType of the document against the MSO",
    "CRLs and MSO status",
)

Trust = list[x509.Certificate]


def check_issued(directory: Path, trust: Trust) -> None:
    """Signature, document signer certificate and digests of an IssuerSigned; raises when pymdoccbor finds fault."""
    issued = IssuerSigned(**cbor2.loads((directory / "issued.cbor").read_bytes()))
    require("issuer signature and document signer certificate", issued.issuer_auth.verify_signature(trust))
    digests = issued.issuer_auth.verify_element_hashes(issued.namespaces)
    report_digests(digests)


def check_response(directory: Path, trust: Trust) -> None:
    """The same of every document in a DeviceResponse."""
    mdoc = MdocCbor()
    mdoc.loads((directory / "response.cbor").read_bytes())
    accepted = mdoc.verify(trusted_root_certs=trust)
    for document in mdoc.documents:
        print(f"ok    issuer signature and document signer certificate: {document.doctype}")
        report_digests(document.hash_verification)
    require("every document", accepted and bool(mdoc.documents))


def report_digests(digests: dict) -> None:
    """Prints a result of verify_element_hashes; one that verified nothing is a fault."""
    for failure in digests["failed"]:
        print(f"FAIL  digest: {failure}")
    require(
        f"digests of {digests['verified']} of {digests['total']} elements",
        digests["valid"] and digests["verified"] > 0,
    )


def require(subject: str, passed: bool) -> None:
    """Prints one finding; a failed one ends the check."""
    print(f"{'ok   ' if passed else 'FAIL '} {subject}")
    if not passed:
        raise Rejected(subject)


class Rejected(Exception):
    """pymdoccbor finds fault with the document."""


CHECKS: dict[str, Callable[[Path, Trust], None]] = {"issued": check_issued, "response": check_response}


def main(arguments: list[str]) -> int:
    """Runs one check and returns the exit status."""
    if len(arguments) != 2 or arguments[0] not in CHECKS:
        print(f"usage: check.py {'|'.join(CHECKS)} DIR", file=sys.stderr)
        return 2
    check, directory = CHECKS[arguments[0]], Path(arguments[1])
    logging.basicConfig(level=logging.ERROR, format="      pymdoccbor says: %(message)s", stream=sys.stdout)
    try:
        trust = x509.load_pem_x509_certificates((directory / "iaca.pem").read_bytes())
        check(directory, trust)
    except OSError as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    except Rejected:
        status = 1
    except Exception as error:  # noqa: BLE001 - whatever the library raises on a document is its rejection of it
        print(f"FAIL  pymdoccbor raises {type(error).__name__}: {error}")
        status = 1
    else:
        status = 0
    for omission in NOT_CHECKED:
        print(f"--    not checked by pymdoccbor 1.4.0: {omission}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
