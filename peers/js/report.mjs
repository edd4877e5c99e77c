// One report for every checker in this folder: a line for each finding; exit 0 accepted, 1 rejected, 2 unreadable input.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A reader of the files in `dir`; a missing one ends the program with status 2. */
export const folder = (dir) => (name) => {
  try {
    return readFileSync(join(dir, name))
  } catch (error) {
    console.error(`cannot read ${join(dir, name)}: ${error.message}`)
    process.exit(2)
  }
}

/** Collects what a library's verification callback says. */
export class Report {
  #findings = []

  /** The callback for @owf/mdoc and @auth0/mdl: `{status, check, reason}`. */
  onCheck = ({ status, check, reason }) => this.#findings.push({ failed: status === 'FAILED', check, reason })

  /** Runs `verification`; what it throws is a finding. */
  async run(verification) {
    try {
      await verification()
    } catch (error) {
      this.#findings.push({ failed: true, check: 'the library throws', reason: error.message })
    }
  }

  /** Prints the findings, equal lines counted, and what was not checked; returns the exit status. */
  print(notChecked) {
    const lines = new Map()
    for (const { failed, check, reason } of this.#findings) {
      const line = failed ? `FAIL  ${check}${reason ? `: ${reason}` : ''}` : `ok    ${check.replace(/(digest for \S+)\/\S+/, '$1/…')}`
      lines.set(line, (lines.get(line) ?? 0) + 1)
    }
    for (const [line, count] of lines) console.log(count > 1 ? `${line} (${count} times)` : line)
    for (const omission of notChecked) console.log(`--    not checked: ${omission}`)
    return this.#findings.length > 0 && this.#findings.every(({ failed }) => !failed) ? 0 : 1
  }
}
