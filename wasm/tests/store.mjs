// node store.mjs PACKAGE TEGATA: the trust store in the browser package and in the command line, side by side: the same
// reports and pages, and what is kept by one is opened by the other.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [packagePath, tegata] = process.argv.slice(2);
const { BundleExport, VerifierStore, VerifyRequest } = createRequire(import.meta.url)(path.resolve(packagePath));
const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../testvectors/store");
const file = (name) => path.join(folder, name);
const vector = JSON.parse(readFileSync(file("case.json")));
const scratch = mkdtempSync(path.join(tmpdir(), "tegata-store-"));

let passed = 0;
let failed = 0;
function check(holds, what) {
  console.log(`${holds ? "ok" : "FAILED"}: ${what}`);
  holds ? passed++ : failed++;
}

const seconds = (text) => BigInt(Date.parse(text) / 1000);

/** A file and a counter, by promises. */
class AsyncFile {
  constructor(name) {
    this.path = path.join(scratch, name);
  }
  async load() {
    return existsSync(this.path) ? new Uint8Array(await readFile(this.path)) : undefined;
  }
  async save(bytes) {
    await writeFile(this.path, bytes);
  }
  async generation() {
    return this.counter;
  }
  async raiseGeneration(generation) {
    this.counter = generation;
  }
}

/** Text in a map, as `localStorage` has it: no promises, no counter. */
class Text {
  map = new Map();
  load() {
    const text = this.map.get("store");
    return text === undefined ? null : Uint8Array.from(Buffer.from(text, "base64"));
  }
  save(bytes) {
    this.map.set("store", Buffer.from(bytes).toString("base64"));
  }
}

function fetchAll(download, from) {
  for (let request; (request = download.next()); ) {
    const name = path.join(folder, from, request.url.replace(vector.base, ""));
    if (existsSync(name)) download.answer(200, readFileSync(name).subarray(0, request.maxBytes + 1));
    else download.answer(404, new Uint8Array());
  }
}

/** The id of the refusal. */
async function refused(action) {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith(`${error.id}: `)) throw error;
    if (!error.remedy || !error.remedyJa) throw new Error(`no remedy for ${error.id}`);
    return error.id;
  }
}

function native(options, status = 0) {
  let done;
  try {
    done = { status: 0, stdout: execFileSync(tegata, options, { encoding: "utf8", stdio: "pipe" }) };
  } catch (error) {
    done = error;
  }
  if (done.status !== status) throw new Error(`${options.join(" ")}: ${done.status}: ${done.stderr}`);
  return done;
}

function request(at) {
  const request = new VerifyRequest(readFileSync(file(vector.input)), vector.policy, "by-policy", seconds(at));
  request.transcript(readFileSync(file(vector.session_transcript)));
  return request;
}

function verifyNatively(store, step) {
  const status = { accepted: 0, rejected: 10, undetermined: 11 }[step.verdict];
  const options = ["verify", file(vector.input), "--store", store, "--transcript", file(vector.session_transcript),
    "--at", step.at, "--json", "--lang", "en"];
  return native(options, status).stdout;
}

const create = (place, profile) => VerifierStore.create(place, readFileSync(file(vector.root)), vector.sha256, profile);
const initNatively = (store) => native(["trust", "init", store, "--root", file(vector.root), "--sha256", vector.sha256]);
const sorted = (value) => JSON.stringify(value, (_, inner) => inner && typeof inner === "object" && !Array.isArray(inner)
  ? Object.fromEntries(Object.entries(inner).sort()) : inner);

async function life(place, name) {
  const theirs = path.join(scratch, `${name}.theirs`);
  check((await refused(() => VerifierStore.open(place, "online"))) === "store-absent", `${name}: nothing is kept yet`);
  let store = await create(place, "online");
  initNatively(theirs);
  for (const step of vector.steps) {
    const what = `${name}: ${step.do} at ${step.at}`;
    if (step.do === "verify") {
      const ours = store.verify(request(step.at), "en");
      const same = ours === verifyNatively(theirs, step) && ours === readFileSync(file(step.report), "utf8");
      check(same, `${what}: the same report (${step.verdict} ${step.cause})`);
      const doctor = store.doctor(seconds(step.at), "strict", "by-policy");
      const { healthy } = JSON.parse(doctor);
      const found = native(["trust", "doctor", theirs, "--at", step.at, "--json"], healthy ? 0 : 1).stdout;
      check(doctor === found, `${what}: the doctor says the same (healthy: ${healthy})`);
    } else {
      const sync = store.beginSync(vector.base, seconds(step.at));
      fetchAll(sync, step.from);
      const options = ["trust", "sync", theirs, "--from", file(step.from), "--at", step.at, "--json"];
      if (step.error) {
        const id = await refused(() => sync.finish());
        const told = JSON.parse(native(options, 1).stderr).error.id;
        check(id === step.error && id === told, `${what} from ${step.from}: refused (${id})`);
      } else {
        const { store: _, ...page } = JSON.parse(native(options).stdout);
        check(sorted(JSON.parse(await sync.finish())) === sorted(page), `${what}: the same changes`);
      }
    }
    const shown = native(["trust", "show", theirs, "--at", step.at, "--json"]).stdout;
    check(store.show(seconds(step.at)) === shown, `${what}: the same anchors, states and ages`);
    store = await VerifierStore.open(place, "online");
  }
  const kept = path.join(scratch, `${name}.kept`);
  writeFileSync(kept, await place.load());
  const last = vector.steps.at(-1);
  check(verifyNatively(kept, last) === store.verify(request(last.at), "en"), `${name}: the command line opens what is kept`);
}

async function faults() {
  const place = new AsyncFile("faults.store");
  const store = await create(place, "online");
  const old = await place.load();
  const sync = store.beginSync(vector.base, seconds("2026-12-01T01:00:00Z"));
  check((await refused(() => sync.finish())) === "sync-unfinished", "an update that is not over");
  fetchAll(sync, "before");
  await sync.finish();
  check((await refused(() => sync.finish())) === "sync-over", "an update that is over");
  const good = await place.load();
  const flipped = good.slice();
  flipped[good.length >> 1] ^= 1;
  const faults = [[flipped, "store-digest"], [good.slice(0, -1), "store-damaged"], [new Uint8Array(), "store-empty"],
    [old, "store-rolled-back"]];
  for (const [bytes, id] of faults) {
    writeFileSync(place.path, bytes);
    check((await refused(() => VerifierStore.open(place, "online"))) === id, id);
  }
  rmSync(place.path);
  check((await refused(() => VerifierStore.open(place, "online"))) === "store-rolled-back", "a lost file");
  const wrong = [
    ["a place that throws", { load() { throw new Error("gone"); }, save() {} }],
    ["a place whose promise is rejected", { load: () => Promise.reject(new Error("gone")), save() {} }],
    ["a place that gives text", { load: () => "bytes", save() {} }],
    ["a counter that is no bigint", { load: () => null, save() {}, generation: () => 1 }],
    ["no place at all", {}],
  ];
  for (const [what, place] of wrong) {
    check((await refused(() => VerifierStore.open(place, "online"))) === "load-medium", what);
  }
  const full = new Text();
  full.save = () => { throw new Error("QuotaExceededError"); };
  check((await refused(() => create(full, "online"))) === "store-save", "a full place");
  check((await refused(() => VerifierStore.create(new Text(), readFileSync(file(vector.root)), "00".repeat(32), "online")))
    === "bootstrap-digest", "another root than the pinned one");
}

async function atOnce() {
  const place = new AsyncFile("at-once.store");
  const store = await create(place, "online");
  const at = seconds("2026-12-01T01:00:00Z");
  const syncs = [store.beginSync(vector.base, at), store.beginSync(vector.base, at)];
  for (const sync of syncs) fetchAll(sync, "before");
  await Promise.all(syncs.map((sync) => sync.finish()));
  const { generation, anchors } = JSON.parse(store.show(at));
  check(generation === 3 && place.counter === 3n, "changes are made one after the other");
  await Promise.all([store.distrust(anchors[0].key, at), store.confirmRemoval(anchors[0].key, at).catch(() => {})]);
  const opened = await VerifierStore.open(place, "online");
  check(opened.show(at) === store.show(at), "what is kept is what is in memory");
  check(JSON.parse(opened.show(at)).anchors[0].state === "local-distrust", "an anchor is distrusted");
  const root = readFileSync(path.join(folder, "../vectors/mdl-5-of-30/root.pem"));
  const add = (scope) => opened.addAnchor(root, anchors[0].fingerprint, scope, ["issuance", "status"], at);
  check((await refused(() => add([]))) === "no-doc-type", "an anchor for no document type");
  check((await add(["org.iso.18013.5.1.mDL"])) === anchors[0].key, "an anchor that the operator adds");
}

async function gate() {
  const { offline } = vector;
  const root = readFileSync(file(vector.root));
  const making = BundleExport.begin(root, vector.base, seconds(offline.exported));
  fetchAll(making, offline.from);
  const { bundle, missing } = making.finish();
  const theirs = path.join(scratch, "theirs.bundle");
  native(["trust", "export", "--root", file(vector.root), "--from", file(offline.from), "--out", theirs, "--at", offline.exported]);
  check(Buffer.compare(bundle, readFileSync(theirs)) === 0 && missing.length === 0, "the same bundle");
  const store = await create(new Text(), "offline");
  const imported = JSON.parse(await store.importBundle(bundle, seconds(offline.at)));
  check(imported.fetched === offline.exported, `imported, ${Math.floor(imported.age_seconds / 86400)} days old`);
  const same = store.verify(request(offline.at), "en") === readFileSync(file(offline.report), "utf8");
  check(same, "the same report at the gate");
}

try {
  await life(new AsyncFile("promises.store"), "promises");
  await life(new Text(), "values");
  await faults();
  await atOnce();
  await gate();
} finally {
  rmSync(scratch, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
