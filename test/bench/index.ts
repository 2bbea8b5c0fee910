/**
 * `npm run bench [name…] [--quick]`: the list of benches and the command line. It informs: a missed goal is printed
 * with ✗ and the exit code stays 0; only a harness that could not do its work ends with 1.
 */
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { command } from './command.bench.js'
import { connections } from './connections.bench.js'
import { emergency } from './emergency.bench.js'
import { fanout } from './fanout.bench.js'
import { flood } from './flood.bench.js'
import { cleanUp, pinSelf } from './harness.js'
import { latency } from './latency.bench.js'
import { describe } from './machine.js'
import { memory } from './memory.bench.js'
import { mocks } from './mocks.bench.js'
import type { Options } from './options.js'
import { overview } from './overview.bench.js'
import { queries } from './queries.bench.js'
import { unrest } from './quietly.js'
import { ready } from './ready.bench.js'
import { realtime } from './realtime.bench.js'
import { seed } from './seed.bench.js'
import { slowDisk } from './slow-disk.bench.js'
import { storm } from './storm.bench.js'
import { throughput } from './throughput.bench.js'

const benches: Record<string, { about: string; run: (options: Options) => Promise<void> }> = {
  throughput: { about: 'durable, acknowledged readings/s against Mosquitto with a script', run: throughput },
  latency: {
    about: 'publish → durable and publish → dashboard at 1,000 readings/s, against the same',
    run: latency,
  },
  'slow-disk': { about: 'a disk that takes 30 ms per sync: acknowledgements and event loop', run: slowDisk },
  seed: { about: "the seed's own table at 500 readings/s", run: seed },
  storm: { about: '2,000 devices reconnect within one second', run: storm },
  queries: {
    about: 'latest values, one sensor and one day, an export, from 5 million readings',
    run: queries,
  },
  fanout: { about: 'one publisher, 500 subscribers, against Mosquitto', run: fanout },
  flood: { about: 'one client floods, 20 devices go on: their PUBACKs, against the same', run: flood },
  command: {
    about: 'an operator’s click to the command on the device, idle and at 5,000 readings/s, against the same',
    run: command,
  },
  emergency: { about: 'everything is stopped: 500 devices, against the same', run: emergency },
  realtime: {
    about: '1,000 realtime subscribers at 1,000 readings/s, against a plain ws server',
    run: realtime,
  },
  connections: { about: 'resident memory with 10,000 idle connections', run: connections },
  memory: { about: 'resident memory, idle and with 1,000 devices', run: memory },
  mocks: {
    about: 'CPU and heap of 1,000 mock devices inside the server, against the same over TCP',
    run: mocks,
  },
  overview: {
    about: 'the overview in Chromium: its first value, main thread and memory with 200 sensors',
    run: overview,
  },
  ready: { about: 'time from start to ready', run: ready },
}

const LIMIT_MS = { full: 30 * 60_000, quick: 12 * 60_000 }

const HELP = `npm run bench [-- name… --quick]

  --quick   fewer rounds, shorter windows (some 5 minutes on a quiet machine)
  --help    this

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  .join('\n')}`

function abort(reason: string, code: number): never {
  console.error(`bench: ${reason}`)
  cleanUp()
  process.exit(code)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  if (values.help) return console.log(HELP)
  const unknown = positionals.find((name) => !Object.hasOwn(benches, name))
  if (unknown !== undefined) abort(`no bench "${unknown}"; there are ${Object.keys(benches).join(', ')}`, 2)
  process.chdir(fileURLToPath(new URL('../../../', import.meta.url)))

  const limit = values.quick ? LIMIT_MS.quick : LIMIT_MS.full
  setTimeout(() => abort(`not finished after ${limit / 60_000} minutes`, 1), limit).unref()
  console.log(
    `${describe(tmpdir())}\n${pinSelf()}${values.quick ? '\nquick: a first look, not a figure to quote' : ''}`,
  )
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    await benches[name]!.run({ quick: values.quick })
  }
  const said = unrest()
  if (said !== undefined) console.log(`\n${said}`)
}

process.once('exit', cleanUp)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => abort(`ended by ${signal}`, 1))
main().catch((error: Error) => abort(error.message, 1))
