"""vical.py check DIR | make DIR | spoil DIR: cbor2 and cryptography read and make VICALs (ISO/IEC 18013-5 Annex C).

check: reads DIR/vical.cbor under DIR/root.pem. make: writes both, signed with fresh keys. spoil: changes one signed byte.
Exit status of check: 0 accepted, 1 rejected, 2 bad usage or unreadable input.
"""

import datetime
import sys
from pathlib import Path

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

VICAL_PURPOSE = x509.ObjectIdentifier("1.0.18013.5.1.8")
MDL = "org.iso.18013.5.1.mDL"
X5CHAIN = 33


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload])


def require(what: str, held: bool) -> None:
    print(f"{'ok   ' if held else 'FAIL '} {what}")
    if not held:
        raise ValueError(what)


def check(directory: Path) -> None:
    root = x509.load_pem_x509_certificate((directory / "root.pem").read_bytes())
    protected, unprotected, payload, signature = cbor2.loads((directory / "vical.cbor").read_bytes())
    require("alg ES256 alone is protected", cbor2.loads(protected) == {1: -7})
    chain = unprotected[X5CHAIN]
    require("x5chain is one certificate", isinstance(chain, bytes))
    signer = x509.load_der_x509_certificate(chain)
    signer.verify_directly_issued_by(root)
    purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    usage = signer.extensions.get_extension_for_class(x509.KeyUsage)
    require("signer: purpose", purposes.critical and VICAL_PURPOSE in purposes.value)
    require("signer: key usage", usage.value.content_commitment and not usage.value.digital_signature)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    der = utils.encode_dss_signature(r, s)
    signer.public_key().verify(der, to_be_signed(protected, payload), ec.ECDSA(hashes.SHA256()))
    print("ok    signature")
    vical = cbor2.loads(payload)
    now = datetime.datetime.now(datetime.timezone.utc)
    require("dates", vical["date"] <= now < vical["nextUpdate"])
    require("version", vical["version"] == "1.0")
    require("entries", len(vical["certificateInfos"]) > 0)
    for entry in vical["certificateInfos"]:
        listed = x509.load_der_x509_certificate(entry["certificate"])
        ski = listed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        repeated = {
            "serialNumber": listed.serial_number,
            "ski": ski,
            "subject": listed.subject.public_bytes(),
            "issuer": listed.issuer.public_bytes(),
            "notBefore": listed.not_valid_before_utc,
            "notAfter": listed.not_valid_after_utc,
        }
        differing = [key for key, value in repeated.items() if entry.get(key, value) != value]
        require(f"entry {listed.subject.rfc4514_string()}: docType", len(entry["docType"]) > 0)
        require(f"entry {listed.subject.rfc4514_string()} repeats its certificate", not differing)


def issue(name: str, issuer: tuple | None, extensions: list) -> tuple:
    key = ec.generate_private_key(ec.SECP256R1())
    pairs = [(x509.NameOID.COUNTRY_NAME, "UT"), (x509.NameOID.ORGANIZATION_NAME, "Peer"), (x509.NameOID.COMMON_NAME, name)]
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])
    signing_key, issuer_name = (issuer[0], issuer[1].subject) if issuer else (key, subject)
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=300))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer:
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
        builder = builder.add_extension(authority, critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return key, builder.sign(signing_key, hashes.SHA256())


def key_usage(**bits: bool) -> x509.KeyUsage:
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    names += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


def make(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    authority = [x509.BasicConstraints(ca=True, path_length=0), key_usage(key_cert_sign=True, crl_sign=True)]
    root = issue("Peer VICAL root", None, authority)
    signer = issue("Peer VICAL signer", root, [key_usage(content_commitment=True), x509.ExtendedKeyUsage([VICAL_PURPOSE])])
    listed = issue("Peer IACA", None, authority)[1]
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    tdate = lambda time: cbor2.CBORTag(0, time.strftime("%Y-%m-%dT%H:%M:%SZ"))
    entry = {
        "certificate": listed.public_bytes(serialization.Encoding.DER),
        "serialNumber": listed.serial_number,
        "ski": listed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest,
        "docType": [MDL],
    }
    vical = {"version": "1.0", "vicalProvider": "Peer", "vicalIssueID": 1, "date": tdate(now)}
    vical |= {"nextUpdate": tdate(now + datetime.timedelta(days=1)), "certificateInfos": [entry]}
    protected, payload = cbor2.dumps({1: -7}), cbor2.dumps(vical)
    r, s = utils.decode_dss_signature(signer[0].sign(to_be_signed(protected, payload), ec.ECDSA(hashes.SHA256())))
    chain = {X5CHAIN: signer[1].public_bytes(serialization.Encoding.DER)}
    signed = [protected, chain, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")]
    (directory / "vical.cbor").write_bytes(cbor2.dumps(signed))
    (directory / "root.pem").write_bytes(root[1].public_bytes(serialization.Encoding.PEM))


def spoil(directory: Path) -> None:
    signed = cbor2.loads((directory / "vical.cbor").read_bytes())
    payload = bytearray(signed[2])
    payload[len(payload) // 2] ^= 1
    signed[2] = bytes(payload)
    (directory / "vical.cbor").write_bytes(cbor2.dumps(signed))


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "make", "spoil"):
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] != "check":
        (make if sys.argv[1] == "make" else spoil)(Path(sys.argv[2]))
        return 0
    try:
        check(Path(sys.argv[2]))
    except (ValueError, InvalidSignature, TypeError, KeyError) as error:
        print(f"rejected: {error!r}")
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
