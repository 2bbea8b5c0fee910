/**
 * Every test file, or those named on the command line, each in a process of its own and two at a time: what the
 * tap command does, without its loaders. They compile what is compiled here and note every module that is
 * loaded, which takes as long as the tests themselves.
 */
import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const FILE_TIMEOUT_MS = 300_000

const here = fileURLToPath(new URL('.', import.meta.url))
const all = (): string[] =>
  readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => relative('.', `${here}${name}`))

// tap hands its loaders to what it spawns in NODE_OPTIONS; `env` puts back what stood there.
const environment = [
  `NODE_OPTIONS=${process.env.NODE_OPTIONS ?? ''}`,
  `TAP_TIMEOUT=${FILE_TIMEOUT_MS / 1000}`,
]

const named = process.argv.slice(2)
t.jobs = 2
t.setTimeout(0)
for (const file of named.length > 0 ? named : all())
  t.spawn(
    'env',
    [...environment, process.execPath, '--enable-source-maps', file],
    { buffered: true, timeout: FILE_TIMEOUT_MS },
    file,
  )
