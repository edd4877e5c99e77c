"""Prints the ids of the keys of a role that have signed a file: COSE_Sign by cbor2, ES256 by cryptography.

Arguments: the root file, the file, the role.
"""

import hashlib
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key


def read(path):
    with open(path, "rb") as file:
        item = cbor2.loads(file.read())
    assert item.tag == 98
    return item.value


root_path, path, role = sys.argv[1:]
root = cbor2.loads(read(root_path)[2])
ids = root["roles"][role]["keys"]
body, unprotected, payload, signatures = read(path)
assert cbor2.loads(body) == {16: "application/tegata-metadata+cbor"} and unprotected == {}
for protected, unprotected, signature in signatures:
    header = cbor2.loads(protected)
    spki = root["keys"][header[4]]
    assert header[1] == -7 and header[4] in ids and hashlib.sha256(spki).digest() == header[4]
    message = cbor2.dumps(["Signature", body, protected, b"", payload])
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        key = load_der_public_key(spki)
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        print(header[4].hex())
    except InvalidSignature:
        pass
