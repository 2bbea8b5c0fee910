/**
 * Starts the kaiser of this checkout (`bin/kaiser start`) on free ports with a data directory of its own, logs in,
 * and counts its rows after the end. It is started as anyone would start it; no private switch makes it faster.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type Child, HOST, spawnNode, tempDir, until } from './harness.js'
import type { Counted, Health, Subject, SubjectOptions } from './subject.js'

const READY_WITHIN_MS = 20_000
/** Who is set up in a kaiser to measure. */
export const USER = { username: 'bench', email: 'bench@example.org', password: 'Bench-1234' }

interface Ready {
  mqtt_port: number
  http_port: number
  pid: number
}

/** What the first line of bin/kaiser gives Node: `#!/usr/bin/env -S node …`. */
const ownNodeArgs = (): string[] =>
  readFileSync(join('bin', 'kaiser'), 'utf8').split('\n')[0]!.split(' ').slice(3)

/** A kaiser that is ready, and how long that took from the spawn. */
export interface Started {
  child: Child
  ready: Ready
  readyMs: number
}

/** Starts kaiser on a data directory and waits until it is ready. */
export async function startBare(
  data: string,
  { env, nodeArgs, flags = [] }: SubjectOptions = {},
): Promise<Started> {
  const file = join(data, '..', 'ready.json')
  rmSync(file, { force: true })
  const at = performance.now()
  const child = spawnNode(join('bin', 'kaiser'), {
    core: 'server',
    ...(env === undefined ? {} : { env }),
    nodeArgs: [...ownNodeArgs(), ...(nodeArgs ?? [])],
    args: [
      'start',
      '--data',
      data,
      '--host',
      HOST,
      '--mqtt-port',
      '0',
      '--http-port',
      '0',
      '--allow-anonymous',
      '--discovery',
      'auto',
      '--ws-rate',
      '0',
      '--rest-rate',
      '0',
      '--log-level',
      'error',
      '--ready-file',
      file,
      ...flags,
    ],
  })
  const read = (): Ready | undefined => {
    if (child.process.exitCode !== null) throw new Error(`kaiser ended at start: ${child.complaint()}`)
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ready) : undefined
  }
  const ready = await until(read, READY_WITHIN_MS, () => `kaiser was not ready: ${child.complaint()}`)
  return { child, ready, readyMs: performance.now() - at }
}

/** Rows anybody can read with plain SQL; what devices did by themselves is no command. */
export function count(file: string): Counted {
  const db = new Database(file, { readonly: true })
  try {
    const { n: rows } = db.prepare('SELECT count(*) AS n FROM sensor_data').get() as { n: number }
    const ended = db
      .prepare(
        "SELECT state, count(*) AS n FROM actuator_history WHERE issued_by NOT LIKE 'esp32%' GROUP BY state",
      )
      .all() as { state: string; n: number }[]
    return { rows, commands: Object.fromEntries(ended.map(({ state, n }) => [state, n])) }
  } finally {
    db.close()
  }
}

/** Makes the first user and logs in; the access token. */
export async function login(port: number): Promise<string> {
  const answer = await fetch(`http://${HOST}:${port}/api/v1/auth/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(USER),
  })
  const body = (await answer.json()) as { tokens?: { access_token?: string } }
  if (body.tokens?.access_token === undefined)
    throw new Error(`setup answered ${answer.status}: ${JSON.stringify(body)}`)
  return body.tokens.access_token
}

/** A kaiser to measure, with a fresh data directory and a user. */
export async function startKaiser(options: SubjectOptions = {}): Promise<Subject> {
  const dir = tempDir()
  const data = join(dir.path, 'data')
  const { child, ready } = await startBare(data, options)
  const token = await login(ready.http_port)
  return {
    name: 'kaiser',
    pids: [child.pid],
    mqttPort: ready.mqtt_port,
    operator: { host: HOST, port: ready.http_port, token },
    dashboard: { port: ready.http_port, path: `/api/v1/ws/realtime/bench?token=${token}` },
    async health() {
      const answer = await fetch(`http://${HOST}:${ready.http_port}/api/v1/health/detailed`, {
        headers: { authorization: `Bearer ${token}` },
      })
      // Whatever is no JSON has nothing to say; the bench prints "not reported".
      return answer.headers.get('content-type')?.includes('json') ? ((await answer.json()) as Health) : {}
    },
    async stop() {
      await child.stop()
      if (child.process.exitCode !== 0) {
        throw new Error(
          `kaiser ended with ${child.process.exitCode ?? child.process.signalCode}: ${child.complaint()}`,
        )
      }
      const counted = count(join(data, 'kaiser.db'))
      dir.remove()
      return counted
    },
  }
}
