/** `kaiser start`: runs the server until it is told to stop. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Command } from '../command.js'
import { readFlags } from '../command-flags.js'
import { type StartConfig, startOptions, UsageError } from '../config.js'
import { firstSteps } from '../first-steps.js'
import { createLog } from '../log.js'
import { assertFree } from '../ports.js'
import { untilStopped } from '../until-stopped.js'

/** How long a clean stop may take before the process ends all the same, ms. */
const STOP_PATIENCE = 15_000

export const start: Command = {
  name: 'start',
  summary: 'run the server',
  usage: '',
  options: startOptions,
  async run(argv) {
    const config = readFlags('start', startOptions, argv)
    await assertPorts(config)

    const { logger, lines, flush } = await createLog(config['log-level'])
    const { createApp } = await import('../app.js')
    const app = await createApp({ config, log: logger, logLines: lines })
    const stopped = untilStopped()
    try {
      const ready = { ...(await app.listen()), pid: process.pid }
      logger.info(ready, 'kaiser is ready')
      if (config['allow-anonymous'])
        logger.warn('MQTT clients without credentials are let in; use this in a lab only')
      const { users, devices } = app.store
      const steps = firstSteps({
        users: users.count,
        devices: devices.count,
        anonymous: config['allow-anonymous'],
        where: config.data === startOptions.data.default ? '' : ` --data ${config.data}`,
        host: config.host,
        http_port: ready.http_port,
        scheme: ready.scheme,
      })
      for (const step of steps) logger.warn(step)
      if (config['ready-file']) writeWhole(config['ready-file'], `${JSON.stringify(ready)}\n`)
      // Whoever closes the terminal wants kaiser to end; whoever started it without one means this signal.
      if (!process.stdin.isTTY) process.on('SIGHUP', () => void app.reload())
      const signal = await stopped
      logger.info({ signal }, 'kaiser stops')
    } finally {
      setTimeout(() => process.exit(1), STOP_PATIENCE).unref()
      await app.close()
      if (config['ready-file']) rmSync(config['ready-file'], { force: true })
      flush()
    }
    return 0
  },
}

const PORTS = ['mqtt-port', 'mqtts-port', 'http-port'] as const

/** Throws UsageError when two ports are the same, PortError when one cannot be bound. */
async function assertPorts(config: StartConfig): Promise<void> {
  const taken = new Map<number, string>()
  for (const flag of PORTS) {
    const port = config[flag]
    if (!port) continue
    const other = taken.get(port)
    if (other) throw new UsageError(`--${flag} is "${port}"; that is the --${other} already`)
    taken.set(port, flag)
  }
  for (const [port, flag] of taken) await assertFree(flag, config.host, port)
}

/** Whoever waits for the file finds all of it or nothing. */
function writeWhole(file: string, text: string): void {
  const part = `${file}.${process.pid}.part`
  writeFileSync(part, text)
  renameSync(part, file)
}
