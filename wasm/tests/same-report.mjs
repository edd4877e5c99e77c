// node same-report.mjs PACKAGE TEGATA: the browser package and the command line print the same bytes for the same files.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [packagePath, tegata] = process.argv.slice(2);
const { VerifyRequest } = createRequire(import.meta.url)(path.resolve(packagePath));
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const testdata = process.env.TEGATA_TESTDATA ?? path.join(root, "../shared/testdata");

const cases = [{
  name: "our vector mdl-5-of-30",
  folder: path.join(root, "testvectors/vectors/mdl-5-of-30"),
  input: "device-response.cbor", trust: "root.pem", transcript: "session-transcript.cbor",
  crl: "iaca.crl", status: "status-list.cwt", policy: "strict", at: "2026-07-01T12:00:00Z",
}, {
  name: "our vector mdl-revoked",
  folder: path.join(root, "testvectors/vectors/mdl-revoked"),
  input: "device-response.cbor", trust: "root.pem", transcript: "session-transcript.cbor",
  crl: "iaca.crl", status: "status-list.cwt", policy: "strict", at: "2026-07-01T12:00:00Z",
}];
if (existsSync(testdata)) {
  const keys = JSON.parse(readFileSync(path.join(testdata, "annex-d/keys.json")));
  cases.push({
    name: "Annex D with its device MAC",
    folder: path.join(testdata, "annex-d"),
    input: "d4.1.2-device-response.cbor", trust: "d5.2-iaca.der", transcript: "d5.1-session-transcript.cbor",
    readerKey: keys.ephemeral_reader_key_d, policy: "interop", at: "2021-01-01T00:00:00Z",
  });
} else {
  console.log("skipped: Annex D (no third-party test data, TEGATA_TESTDATA)");
}

let failed = 0;
for (const each of cases) {
  const read = (name) => readFileSync(path.join(each.folder, name));
  const request = new VerifyRequest(read(each.input), each.policy, "by-policy", BigInt(Date.parse(each.at) / 1000));
  request.trust(read(each.trust));
  request.transcript(read(each.transcript));
  if (each.crl) request.crl(read(each.crl));
  if (each.status) request.statusList(read(each.status));
  if (each.readerKey) request.readerKey(each.readerKey);
  const ours = request.verify("en");

  const file = (name) => path.join(each.folder, name);
  const options = ["verify", file(each.input), "--trust", file(each.trust), "--transcript", file(each.transcript),
    "--at", each.at, "--policy", each.policy, "--json", "--lang", "en"];
  if (each.crl) options.push("--crl", file(each.crl));
  if (each.status) options.push("--status", file(each.status));
  if (each.readerKey) options.push("--reader-key", each.readerKey);
  let native;
  try {
    native = execFileSync(tegata, options, { encoding: "utf8" });
  } catch (error) {
    if (![10, 11].includes(error.status)) throw error;
    native = error.stdout;
  }
  const verdict = JSON.parse(ours).verdict;
  const same = ours === native;
  console.log(`${same ? "same" : "DIFFERENT"} (${verdict}): ${each.name}`);
  failed += same ? 0 : 1;
}

let refused = false;
try {
  new VerifyRequest(new Uint8Array(), "strict", "by-policy", 0n).verify("en");
} catch (error) {
  refused = error instanceof Error && error.message.length > 0;
}
console.log(`${refused ? "refused" : "NOT REFUSED"}: an empty input`);
failed += refused ? 0 : 1;
console.log(`${cases.length + 1 - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
