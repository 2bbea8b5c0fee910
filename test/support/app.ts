/**
 * A whole kaiser for a test: the real composition on port 0 with a data directory of its own, closed when the
 * test ends. Nothing in it is a stand-in.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino, { type Logger } from 'pino'
import { type App, type AppOptions, createApp } from '../../bin/app.js'
import { readConfig, type StartConfig, startOptions } from '../../bin/config.js'

/** The part of a tap test that is needed here. */
export interface Teardown {
  teardown(work: () => unknown): unknown
}

export interface OpenOptions extends Partial<Omit<AppOptions, 'config' | 'log'>> {
  allowAnonymous?: boolean
  discovery?: StartConfig['discovery']
  demo?: boolean
  wsRate?: number
  restRate?: number
  kaiserId?: string
  /** s */
  sysInterval?: number
  /** Use this data directory and leave it in place. */
  dir?: string
  mqttPort?: number
  httpPort?: number
  redis?: string
  /** Leaves the status of the server retained; most tests count what is retained and begin without it. */
  serverStatus?: boolean
  /** More flags of `kaiser start`. */
  flags?: readonly string[]
}

export interface OpenApp extends App {
  readonly mqttPort: number
  /** 0 where it is not open. */
  readonly mqttsPort: number
  readonly httpPort: number
  readonly origin: string
  readonly dir: string
  /** What was logged so far, parsed. */
  readonly logged: Record<string, unknown>[]
}

/** A directory that is gone after the test. */
export function directory(t: Teardown): string {
  const dir = mkdtempSync(join(tmpdir(), 'kaiser-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const configOf = (options: OpenOptions, dir: string): StartConfig => {
  const argv = [
    '--data',
    dir,
    '--host',
    '127.0.0.1',
    '--mqtt-port',
    String(options.mqttPort ?? 0),
    '--http-port',
    String(options.httpPort ?? 0),
  ]
  if (options.allowAnonymous ?? true) argv.push('--allow-anonymous')
  argv.push(
    '--discovery',
    options.discovery ?? 'auto',
    '--ws-rate',
    String(options.wsRate ?? 0),
    '--rest-rate',
    String(options.restRate ?? 0),
    '--sys-interval',
    String(options.sysInterval ?? 10),
    '--kaiser-id',
    options.kaiserId ?? 'god',
  )
  if (options.redis) argv.push('--redis', options.redis)
  if (options.demo) argv.push('--demo')
  argv.push(...(options.flags ?? []))
  return readConfig(startOptions, argv, {}).config
}

const memoryLog = (): { log: Logger; logged: Record<string, unknown>[] } => {
  const logged: Record<string, unknown>[] = []
  return {
    log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    logged,
  }
}

/** Opens kaiser and waits until it is ready. */
export async function openApp(t: Teardown, options: OpenOptions = {}): Promise<OpenApp> {
  const dir = options.dir ?? directory(t)
  const { log, logged } = memoryLog()
  const {
    allowAnonymous,
    discovery,
    demo,
    wsRate,
    restRate: __,
    kaiserId,
    sysInterval,
    dir: _,
    mqttPort,
    httpPort,
    serverStatus = false,
    redis: ___,
    flags: ____,
    ...rest
  } = options
  const app = await createApp({ checkAnswers: true, ...rest, config: configOf(options, dir), log })
  t.teardown(() => app.close())
  const ports = await app.listen()
  if (!serverStatus) {
    const topic = `kaiser/${kaiserId ?? 'god'}/server/status`
    await app.broker.publish({ topic, payload: '', qos: 0, retain: true })
  }
  return Object.assign(app, {
    mqttPort: ports.mqtt_port,
    mqttsPort: ports.mqtts_port ?? 0,
    httpPort: ports.http_port,
    origin: `${ports.scheme}://127.0.0.1:${ports.http_port}`,
    dir,
    logged,
  })
}
