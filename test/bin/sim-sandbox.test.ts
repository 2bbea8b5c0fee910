/** `kaiser sim --sandbox`: the same seed gives the same rows, whatever happens to the devices and however busy it is. */
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { directory, type Teardown } from '../support/app.js'
import { kaiser } from '../support/kaiser.js'

/** When the log was checkpointed last, in real time: of the file, and of nothing in it. */
const OF_THE_FILE = ['checkpoint']

type Tables = Record<string, unknown[]>

/** Every table, row by row. */
function tablesOf(database: string): Tables {
  const db = new SQLite(database, { readonly: true })
  try {
    const names = db
      .prepare(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
      )
      .pluck()
      .all() as string[]
    return Object.fromEntries(
      names
        .filter((name) => !OF_THE_FILE.includes(name))
        .map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]),
    )
  } finally {
    db.close()
  }
}

async function lived(
  t: Teardown,
  args: string[],
): Promise<{ tables: Tables; summary: Record<string, unknown> }> {
  const { code, out, err } = await kaiser(['sim', '--sandbox', '--keep', '--json', ...args])
  if (code !== 0) throw new Error(err)
  const { database, seconds: _, ...summary } = JSON.parse(out)
  t.teardown(() => rmSync(dirname(database), { recursive: true, force: true }))
  return { tables: tablesOf(database), summary }
}

/** A device whose line hangs until it counts as offline, one that reboots again and again, one that loses and doubles. */
const SCRIPT = [
  { at: 60, for: 400, fault: 'half_open', esp_id: 'SIM_00001' },
  { at: 300, for: 200, fault: 'reboot_loop', esp_id: 'SIM_00002' },
  { at: 10, fault: 'drop', esp_id: 'SIM_00003' },
  { at: 10, fault: 'duplicate', esp_id: 'SIM_00004' },
]

t.test(
  'half an hour of four devices, with all that goes wrong, is the same twice: every row of every table',
  async (t) => {
    const faults = join(directory(t), 'faults.json')
    writeFileSync(faults, JSON.stringify(SCRIPT))
    const args = ['--hours', '0.5', '--devices', '4', '--seed', '7', '--faults', faults]
    const one = await lived(t, args)
    const other = await lived(t, args)
    t.strictSame(other.summary, one.summary)
    t.strictSame(Object.keys(other.tables), Object.keys(one.tables))
    for (const [name, rows] of Object.entries(one.tables)) t.strictSame(other.tables[name], rows, name)
    const { esp_devices, readings_intake, audit_logs, device_health } = one.tables
    t.equal(esp_devices!.length, 4)
    t.ok(readings_intake!.length > 500, `${readings_intake!.length} readings`)
    t.ok(device_health!.length > 10)
    const happened = new Set(audit_logs!.map((row) => (row as { event_type: string }).event_type))
    t.ok(happened.has('device_offline'), `somebody was offline: ${[...happened].join(', ')}`)
  },
)

t.test('another seed gives other rows', async (t) => {
  const [one, other] = await Promise.all(
    ['7', '8'].map((seed) => lived(t, ['--hours', '0.05', '--devices', '2', '--seed', seed])),
  )
  t.notSame(other!.tables.readings_intake, one!.tables.readings_intake)
  t.notSame(other!.tables.esp_devices, one!.tables.esp_devices)
})

t.test('at a speed it takes its time, begins when it is told, and what is not kept is gone', async (t) => {
  const began = performance.now()
  const { code, out, err } = await kaiser([
    ...[
      'sim',
      '--sandbox',
      '--hours',
      '0.05',
      '--speed',
      '90',
      '--devices',
      '1',
      '--from',
      '2025-12-24T18:00Z',
    ],
  ])
  t.equal(code, 0, err)
  t.ok(performance.now() - began >= 1_900, 'three minutes at 90 times the speed are two seconds')
  t.match(out, /^1 device of tomato\n0:03:00 from 2025-12-24T18:00:00\.000Z in [\d.]+ s$/m)
  t.match(out, /^ {2}kaiser took {3}\d+, and not 0$/m)
  t.notMatch(out, /kept in/)
})

t.test('a wrong call is told what is allowed', async (t) => {
  const cases: [args: string[], err: RegExp][] = [
    [['--sandbox', '--broker', 'mqtt://x'], /--sandbox or --broker, not both/],
    [['--sandbox', '--for', '5s'], /--hours, not --for/],
    [['--broker', 'mqtt://x', '--hours', '1'], /--hours needs --sandbox/],
    [['--sandbox', '--hours', '0'], /--hours is "0"; 0.01 to 8784 hours/],
    [['--sandbox', '--from', 'tomorrow'], /--from is "tomorrow"; a time such as/],
    [['--sandbox', '--speed', '0'], /--speed is "0"; 0.1 to 10000 times faster, or max/],
  ]
  for (const [args, err] of cases) t.match(await kaiser(['sim', ...args]), { code: 2, err, out: '' })
})
