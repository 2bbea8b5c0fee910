/**
 * Starts the peer: Debian's Mosquitto and the script (`peer.ts`), both on the server core. Its queues are opened
 * wide, so that it neither drops a reading nor waits for one: the figures are its best, not its defaults.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, freePort, HOST, spawnNode, start, tempDir, until } from './harness.js'
import { count } from './kaiser.js'
import type { Stored, Subject, SubjectOptions } from './subject.js'

const READY_WITHIN_MS = 10_000

const config = (port: number): string => `listener ${port} ${HOST}
allow_anonymous true
persistence false
log_dest none
user root
set_tcp_nodelay true
max_inflight_messages 1000
max_queued_messages 0
`

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, HOST)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Mosquitto without a script, for what a broker does alone. */
export async function startMosquitto(): Promise<{ port: number; broker: Child; stop(): Promise<void> }> {
  const dir = tempDir()
  const port = await freePort()
  writeFileSync(join(dir.path, 'mosquitto.conf'), config(port))
  const broker = start('mosquitto', ['-c', join(dir.path, 'mosquitto.conf')], { core: 'server' })
  const giveUp = Date.now() + READY_WITHIN_MS
  while (!(await accepts(port))) {
    if (broker.process.exitCode !== null || Date.now() > giveUp)
      throw new Error(`mosquitto did not listen: ${broker.complaint()}`)
  }
  return {
    port,
    broker,
    async stop() {
      await broker.stop()
      dir.remove()
    },
  }
}

/** A peer to measure, with a fresh database. */
export async function startPeer(options: SubjectOptions = {}): Promise<Subject> {
  const dir = tempDir()
  const mosquitto = await startMosquitto()
  const mqttPort = mosquitto.port
  const httpPort = await freePort()
  const token = 'bench'
  const file = join(dir.path, 'peer.db')
  const script = spawnNode(fileURLToPath(new URL('peer.js', import.meta.url)), {
    ...options,
    core: 'server',
    ipc: true,
    args: [String(mqttPort), String(httpPort), file, token],
  })
  let ready = false
  script.process.once('message', () => {
    ready = true
  })
  await until(
    () => (ready ? true : undefined),
    READY_WITHIN_MS,
    () => `the peer was not ready: ${script.complaint()}`,
  )
  return {
    name: 'peer',
    pids: [script.pid, mosquitto.broker.pid],
    mqttPort,
    operator: { host: HOST, port: httpPort, token },
    dashboard: { port: httpPort, path: '/' },
    async stored() {
      script.process.send({})
      const [answer] = (await once(script.process, 'message')) as [Stored]
      return answer
    },
    async stop() {
      await script.stop()
      await mosquitto.stop()
      if (script.process.exitCode !== 0) throw new Error(`the peer ended badly: ${script.complaint()}`)
      const counted = count(file)
      dir.remove()
      return counted
    },
  }
}
