// What @owf/mdoc leaves to its caller: hashes, signatures and certificates, here by node:crypto.
//
// @owf/mdoc brings the document logic only, so the certificate path below is this file's: one step from the document
// signer to a trusted IACA (ISO/IEC 18013-5 B.1.1), dates included, extensions not. The peer that checks the chain by
// its own code is isomdl.
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { CoseKey } from '@owf/mdoc'

const HASHES = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }
const CURVE_HASH = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' }

/** The COSE key of a private or public key object, coordinates as they are in its JWK. */
export const coseKey = (key) => CoseKey.fromJwk(key.export({ format: 'jwk' }))

const keyObject = (key, create) => {
  const { kty, crv, x, y, d } = key.jwk
  return create({ key: d && create === createPrivateKey ? { kty, crv, x, y, d } : { kty, crv, x, y }, format: 'jwk' })
}

const ecdsa = (key) => {
  const object = keyObject(key, createPublicKey)
  return { hash: CURVE_HASH[key.jwk.crv], key: { key: object, dsaEncoding: 'ieee-p1363' } }
}

const unsupported = (what) => () => {
  throw new Error(`${what} is not needed by these checks`)
}

const crypto = {
  random: (length) => new Uint8Array(randomBytes(length)),
  digest: ({ digestAlgorithm, bytes }) => {
    const hash = HASHES[digestAlgorithm]
    if (!hash) throw new Error(`unknown digest algorithm ${digestAlgorithm}`)
    return new Uint8Array(createHash(hash).update(bytes).digest())
  },
  calculateEphemeralMacKey: unsupported('a device MAC'),
}

const cose = {
  sign1: {
    sign: ({ toBeSigned, key }) => {
      const hash = CURVE_HASH[key.jwk.crv]
      return new Uint8Array(
        sign(hash, toBeSigned, { key: keyObject(key, createPrivateKey), dsaEncoding: 'ieee-p1363' })
      )
    },
    verify: ({ key, sign1 }) => {
      const { hash, key: publicKey } = ecdsa(key)
      return verify(hash, sign1.toBeSigned, publicKey, sign1.signature)
    },
  },
  mac0: { sign: unsupported('a device MAC'), verify: unsupported('a device MAC') },
}

const nameField = (name, field) =>
  name
    .split('\n')
    .filter((line) => line.startsWith(`${field}=`))
    .map((line) => line.slice(field.length + 1))

const checkDates = (certificate, now) => {
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) {
    throw new Error(`${certificate.subject.replaceAll('\n', ', ')} is not valid at ${now.toISOString()}`)
  }
}

const x509 = {
  getIssuerNameField: ({ certificate, field }) => nameField(new X509Certificate(certificate).issuer, field),
  getPublicKey: ({ certificate }) => coseKey(new X509Certificate(certificate).publicKey),
  verifyCertificateChain: ({ trustedCertificates, x5chain, now = new Date() }) => {
    const ds = new X509Certificate(x5chain[0])
    const iaca = trustedCertificates
      .map((der) => new X509Certificate(der))
      .find((anchor) => ds.checkIssued(anchor) && ds.verify(anchor.publicKey))
    if (!iaca) throw new Error('no trusted certificate issued the document signer certificate')
    checkDates(ds, now)
    checkDates(iaca, now)
  },
  getCertificateData: ({ certificate }) => {
    const parsed = new X509Certificate(certificate)
    return {
      issuerName: parsed.issuer,
      subjectName: parsed.subject,
      serialNumber: parsed.serialNumber,
      thumbprint: parsed.fingerprint256,
      notBefore: new Date(parsed.validFrom),
      notAfter: new Date(parsed.validTo),
      pem: parsed.toString(),
    }
  },
}

/** The `MdocContext` of @owf/mdoc. */
export const context = { crypto, cose, x509 }
