// node check.mjs owf-issued DIR | owf-response DIR | auth0-response DIR
//
// DIR holds iaca.pem, issued.cbor, response.cbor and transcript.cbor, as `tegata demo --dir` leaves them.
import { X509Certificate } from 'node:crypto'
import { Verifier as Auth0Verifier } from '@auth0/mdl'
import { DataItem, Holder, IssuerSigned, Verifier as OwfVerifier, cborEncode } from '@owf/mdoc'
import { context } from './context.mjs'
import { Report, folder } from './report.mjs'

const EVERYWHERE = ['extensions of the certificates', 'CRLs', 'MSO status', 'keyAuthorizations']

const trusted = (read) => [new Uint8Array(new X509Certificate(read('iaca.pem')).raw)]

const owfIssued = async (read, report) => {
  const issuerSigned = new Uint8Array(read('issued.cbor'))
  const trustedCertificates = trusted(read)
  await report.run(() =>
    Holder.verifyIssuerSigned(
      { issuerSigned: IssuerSigned.decode(issuerSigned), trustedCertificates, verificationCallback: report.onCheck },
      context
    )
  )
  return EVERYWHERE
}

const owfResponse = async (read, report) => {
  const deviceResponse = new Uint8Array(read('response.cbor'))
  const sessionTranscript = new Uint8Array(read('transcript.cbor'))
  const trustedCertificates = trusted(read)
  await report.run(() =>
    OwfVerifier.verifyDeviceResponse(
      { deviceResponse, sessionTranscript, trustedCertificates, onCheck: report.onCheck },
      context
    )
  )
  return [...EVERYWHERE, 'docType of the document against the MSO']
}

// @auth0/mdl wants SessionTranscriptBytes, the transcript inside tag 24.
const auth0Response = async (read, report) => {
  const response = read('response.cbor')
  const encodedSessionTranscript = cborEncode(DataItem.fromBuffer(new Uint8Array(read('transcript.cbor'))))
  const verifier = new Auth0Verifier([read('iaca.pem').toString()])
  await report.run(() => verifier.verify(response, { encodedSessionTranscript, onCheck: report.onCheck }))
  return EVERYWHERE
}

const checks = { 'owf-issued': owfIssued, 'owf-response': owfResponse, 'auth0-response': auth0Response }

const [check, dir] = process.argv.slice(2)
if (!Object.hasOwn(checks, check ?? '') || !dir) {
  console.error(`usage: node check.mjs ${Object.keys(checks).join('|')} DIR`)
  process.exit(2)
}
const report = new Report()
const notChecked = await checks[check](folder(dir), report)
process.exit(report.print(notChecked))
