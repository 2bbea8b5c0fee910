/**
 * What an operator gets from the script: actuators, commands and an emergency stop over HTTP. Checks, one row per
 * command in the script's transaction, then the publish; OFF goes out before its row is synced, ON after it. A stop
 * is a broadcast and an OFF for every actuator. As lean as an ordinary script: no limits, no timers, no release.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'

/** What else devices say that it wants to hear. */
export const HEARD = [
  'kaiser/+/esp/+/actuator/+/status',
  'kaiser/+/esp/+/actuator/+/response',
  'kaiser/+/esp/+/system/heartbeat',
]

export interface ControlOptions {
  db: Database
  token: string
  /** Opens the transaction of this turn, if it is not open. */
  join(): void
  /** Calls when the transaction of this turn is synced. */
  committed(go: () => void): void
  publish(topic: string, payload: string): void
}

interface Command {
  esp_id: string
  gpio: number
  command: string
  value: number
  duration: number
  issued_by: string
}

type Body = Record<string, unknown>
type Answer = { status: number; body: object }

const SILENT_MS = 180_000
const refuse = (status: number, detail: string): Answer => ({ status, body: { detail } })

async function bodyOf(request: IncomingMessage): Promise<Body> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return JSON.parse(text || '{}') as Body
}

export function createControl({ db, token, join, committed, publish }: ControlOptions): {
  ask: RequestListener
  heard(topic: string, payload: Buffer): void
} {
  db.exec(`
    CREATE TABLE IF NOT EXISTS actuator_states (
      esp_id TEXT NOT NULL, gpio INTEGER NOT NULL, state TEXT, value REAL, reported_at INTEGER,
      PRIMARY KEY (esp_id, gpio));
    CREATE TABLE IF NOT EXISTS actuator_history (
      id INTEGER PRIMARY KEY, correlation_id TEXT NOT NULL UNIQUE, esp_id TEXT NOT NULL, gpio INTEGER NOT NULL,
      command_type TEXT NOT NULL, value REAL, duration REAL, issued_by TEXT NOT NULL, state TEXT NOT NULL,
      timestamp INTEGER NOT NULL, finished_at INTEGER)`)
  const open = db.prepare(
    `INSERT INTO actuator_history (correlation_id, esp_id, gpio, command_type, value, duration, issued_by, state, timestamp)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'sent', ?)`,
  )
  const end = db.prepare('UPDATE actuator_history SET state = ?, finished_at = ? WHERE correlation_id = ?')
  const become = db.prepare('INSERT OR REPLACE INTO actuator_states VALUES (?, ?, ?, ?, ?)')

  const seen = new Map<string, number>()
  const actuators = new Map<string, { esp_id: string; gpio: number; enabled: boolean }>()
  let isStopped = false

  /** Its row, and what is to be said. */
  function row(command: Command): () => void {
    const { esp_id, gpio, command: word, value, duration, issued_by } = command
    const correlation_id = randomUUID()
    const now = Date.now()
    join()
    open.run(correlation_id, esp_id, gpio, word, value, duration, issued_by, now)
    const told = {
      command: word,
      value,
      duration,
      timestamp: Math.floor(now / 1000),
      correlation_id,
      issued_by,
    }
    return () => publish(`kaiser/god/esp/${esp_id}/actuator/${gpio}/command`, JSON.stringify(told))
  }

  function command(esp_id: string, gpio: number, body: Body): Answer {
    const word = String(body.command).toUpperCase()
    const value = word === 'ON' ? 1 : word === 'OFF' ? 0 : Number(body.value ?? 1)
    const duration = Number(body.duration ?? 0)
    const actuator = actuators.get(`${esp_id}/${gpio}`)
    if (!actuator) return refuse(404, 'no such actuator')
    if (!['ON', 'OFF', 'PWM', 'TOGGLE'].includes(word)) return refuse(422, 'no such command')
    if (!(value >= 0 && value <= 1) || !(duration >= 0)) return refuse(422, 'value or duration out of range')
    if (!actuator.enabled) return refuse(400, 'disabled')
    if (isStopped && word !== 'OFF') return refuse(400, 'stopped')
    if (Date.now() - (seen.get(esp_id) ?? 0) > SILENT_MS) return refuse(400, 'offline')
    const say = row({ esp_id, gpio, command: word, value, duration, issued_by: 'user:bench' })
    if (word === 'OFF') say()
    else committed(say)
    return { status: 200, body: { success: true, esp_id, gpio, command: word, value, command_sent: true } }
  }

  async function stop({ reason }: Body): Promise<Answer> {
    if (typeof reason !== 'string' || reason === '') return refuse(422, 'a stop needs a reason')
    isStopped = true
    publish('kaiser/broadcast/emergency', JSON.stringify({ command: 'emergency_stop', reason }))
    await setImmediate() // so that the broadcast is on its way before the many
    const off = { command: 'OFF', value: 0, duration: 0, issued_by: 'emergency:bench' }
    for (const { esp_id, gpio } of actuators.values()) row({ esp_id, gpio, ...off })()
    return { status: 200, body: { success: true, reason, actuators_stopped: actuators.size } }
  }

  function answerTo(path: string, body: Body): Answer | Promise<Answer> {
    if (path === '/api/v1/actuators/emergency_stop') return stop(body)
    const [, esp_id, gpio, isCommand] = /^\/api\/v1\/actuators\/([\w-]+)\/(\d+)(\/command)?$/.exec(path) ?? []
    if (esp_id === undefined) return refuse(404, 'not found')
    if (isCommand !== undefined) return command(esp_id, Number(gpio), body)
    const actuator = { esp_id, gpio: Number(gpio), enabled: body.enabled !== false }
    actuators.set(`${esp_id}/${gpio}`, actuator)
    return { status: 200, body: actuator }
  }

  return {
    async ask(request, response) {
      const isAllowed = request.headers.authorization === `Bearer ${token}`
      const { status, body } = isAllowed
        ? await answerTo(request.url!, await bodyOf(request))
        : refuse(401, 'not logged in')
      const say = (): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      // Accepted means that the row is kept.
      if (status !== 200) return say()
      join()
      committed(say)
    },
    heard(topic, payload) {
      const [, , , esp_id, , gpio, what] = topic.split('/')
      seen.set(esp_id!, Date.now())
      if (what === undefined) return
      const said = JSON.parse(payload.toString()) as Body
      join()
      if (what === 'response') end.run(said.success ? 'done' : 'failed', Date.now(), said.correlation_id)
      else become.run(esp_id, Number(gpio), said.state, said.value, Date.now())
    },
  }
}
