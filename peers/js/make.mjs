// node make.mjs KEYS OUT
//
// @owf/mdoc issues an mDL under OUT/ds.pem with the key KEYS/ds.pem and presents it with KEYS/device.pem to the reader
// key KEYS/reader.pem: writes issued.cbor, transcript.cbor and response.cbor to OUT.
import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CoseKey,
  DateOnly,
  DeviceEngagement,
  DeviceKey,
  DeviceRequest,
  DocRequest,
  EDeviceKey,
  EReaderKey,
  Holder,
  Issuer,
  ItemsRequest,
  Security,
  SessionTranscript,
  SignatureAlgorithm,
} from '@owf/mdoc'
import { context } from './context.mjs'

const DOC_TYPE = 'org.iso.18013.5.1.mDL'
const NAMESPACE = 'org.iso.18013.5.1'
const VALID_DAYS = 30

const claims = {
  family_name: 'Yamada',
  given_name: 'Hanako',
  birth_date: new DateOnly('1985-04-12'),
  issue_date: new DateOnly('2026-04-01'),
  expiry_date: new DateOnly('2031-04-12'),
  issuing_country: 'JP',
  issuing_authority: 'Peers Public Safety Commission',
  document_number: '1234567890',
  portrait: new Uint8Array([0xff, 0xd8, 0xff, ...new Array(2048).fill(0x5a), 0xff, 0xd9]),
  driving_privileges: [
    new Map([
      ['vehicle_category_code', 'B'],
      ['issue_date', new DateOnly('2005-05-20')],
      ['expiry_date', new DateOnly('2031-04-12')],
    ]),
  ],
  un_distinguishing_sign: 'J',
  age_over_18: true,
}

const [keys, out] = process.argv.slice(2)
if (!keys || !out) {
  console.error('usage: node make.mjs KEYS OUT')
  process.exit(2)
}

const privateKey = (name) => createPrivateKey(readFileSync(join(keys, name)))
const jwk = (key) => key.export({ format: 'jwk' })
const signing = (key) => CoseKey.fromJwk({ ...jwk(key), alg: 'ES256' })
const ds = privateKey('ds.pem')
const device = privateKey('device.pem')
const reader = privateKey('reader.pem')
const deviceJwk = jwk(createPublicKey(device))

const signed = new Date(Math.floor(Date.now() / 1000) * 1000)
const issuerSigned = await new Issuer(DOC_TYPE, context).addIssuerNamespace(NAMESPACE, claims).sign({
  signingKey: signing(ds),
  algorithm: SignatureAlgorithm.ES256,
  digestAlgorithm: 'SHA-256',
  validityInfo: { signed, validFrom: signed, validUntil: new Date(signed.getTime() + VALID_DAYS * 86_400_000) },
  deviceKeyInfo: { deviceKey: DeviceKey.fromJwk(deviceJwk) },
  certificates: [new Uint8Array(new X509Certificate(readFileSync(join(out, 'ds.pem'))).raw)],
})

// The device's session key is its document key: nothing is encrypted here. DeviceEngagement.create of 0.6.0 decodes its
// options, although its type asks for a decoded Security; so it gets the encoded one.
const sessionTranscript = SessionTranscript.forQrHandover({
  deviceEngagement: DeviceEngagement.create({
    version: '1.0',
    security: Security.create({ cipherSuiteIdentifier: 1, eDeviceKey: EDeviceKey.fromJwk(deviceJwk) }).encodedStructure,
  }),
  eReaderKey: EReaderKey.fromJwk(jwk(createPublicKey(reader))),
})

const intents = Object.fromEntries(Object.keys(claims).map((name) => [name, false]))
const deviceRequest = DeviceRequest.create({
  docRequests: [
    DocRequest.create({ itemsRequest: ItemsRequest.create({ docType: DOC_TYPE, namespaces: { [NAMESPACE]: intents } }) }),
  ],
})
const response = await Holder.createDeviceResponseForDeviceRequest(
  { deviceRequest, sessionTranscript, issuerSigned: [issuerSigned], signature: { signingKey: signing(device) } },
  context
)

writeFileSync(join(out, 'issued.cbor'), issuerSigned.encode())
writeFileSync(join(out, 'transcript.cbor'), sessionTranscript.encode())
writeFileSync(join(out, 'response.cbor'), response.encode())
