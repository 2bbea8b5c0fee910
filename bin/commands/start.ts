/** `kaiser start`: runs the server until it is told to stop. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Command } from '../command.js'
import { readConfig, startOptions, UsageError } from '../config.js'
import { createLog } from '../log.js'
import { assertFree } from '../ports.js'

/** How long a clean stop may take before the process ends all the same, ms. */
const STOP_PATIENCE = 15_000

export const start: Command = {
  name: 'start',
  summary: 'run the server',
  usage: '',
  options: startOptions,
  async run(argv) {
    const { config, positionals } = readConfig(startOptions, argv)
    if (positionals.length > 0)
      throw new UsageError(`start takes flags only; "${positionals[0]}" is too much`)
    const fixed = [config['mqtt-port'], config['http-port']]
    if (fixed[0] !== 0 && fixed[0] === fixed[1])
      throw new UsageError(`--http-port is "${fixed[1]}"; that is the --mqtt-port already`)
    await assertFree('mqtt-port', config.host, config['mqtt-port'])
    await assertFree('http-port', config.host, config['http-port'])

    const { logger, flush } = await createLog(config['log-level'])
    const { createApp } = await import('../app.js')
    const app = await createApp({ config, log: logger })
    const stopped = untilStopped()
    try {
      const { mqtt_port, http_port } = await app.listen()
      const ready = { mqtt_port, mqtts_port: null, http_port, scheme: 'http', pid: process.pid }
      logger.info(ready, 'kaiser is ready')
      if (config['allow-anonymous'])
        logger.warn('MQTT clients without credentials are let in; use this in a lab only')
      if (config['ready-file']) writeWhole(config['ready-file'], `${JSON.stringify(ready)}\n`)
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

const untilStopped = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })

/** Whoever waits for the file finds all of it or nothing. */
function writeWhole(file: string, text: string): void {
  const part = `${file}.${process.pid}.part`
  writeFileSync(part, text)
  renameSync(part, file)
}
