/**
 * The control socket: how the command line talks to a running server, one JSON line each way, over a Unix
 * socket that only its owner may open. A database that is being served is never written from outside.
 */
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { OPT_IN } from '../routing/contract/events.js'
import { type AdminContext, AdminError, operations } from './admin.js'

/** Whoever follows events reads; one that does not is told how many it missed. */
const MOST_UNREAD = 1_048_576

/** Hands each event on as a line of JSON, to those who want its type; returns how to stop. */
export type Follow = (wants: (type: string) => boolean, take: (text: string) => void) => () => void

/** Takes a connection that speaks MQTT from here on: as this device, or as kaiser itself. */
export type Attach = (stream: Duplex, esp_id: string | null) => void

interface Question {
  operation: string
  args: Record<string, string | null>
}

type Answer = { ok: true; result: unknown } | { ok: false; error: string }

const MAX_LINE = 65_536
const NOTHING = Buffer.alloc(0)
/** What followers hear last from a server that stops; one that dies says nothing. */
const FAREWELL = `${JSON.stringify({ stopped: true })}\n`

const answer = async (context: AdminContext, line: string): Promise<Answer> => {
  try {
    const { operation, args } = JSON.parse(line) as Question
    const work = Object.hasOwn(operations, operation) ? operations[operation] : undefined
    if (!work) throw new AdminError(`this server does not know "${operation}"; is it older than the command?`)
    return { ok: true, result: await work(context, args) }
  } catch (error) {
    return { ok: false, error: (error as Error).message }
  }
}

/** Longest path of a Unix socket, bytes; the kernel cuts longer ones without a word. unix(7) */
const MAX_PATH = 103

/**
 * Serves the socket at `path`; one that a killed server left behind is replaced.
 * Rejects when the socket cannot be made, or its path is too long for one.
 */
export async function serveControl(
  path: string,
  context: AdminContext,
  follow: Follow,
  attach: Attach,
): Promise<{ close(): Promise<void> }> {
  if (Buffer.byteLength(path) > MAX_PATH)
    throw new Error(
      `${path} is too long for a socket (${Buffer.byteLength(path)} bytes, at most ${MAX_PATH}); use a shorter --data`,
    )
  rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const followers = new WeakSet<Socket>()
  const attached = new WeakSet<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    let asked = NOTHING
    socket.on('error', () => socket.destroy())
    const take = (chunk: Buffer): void => {
      asked = Buffer.concat([asked, chunk])
      if (asked.length > MAX_LINE) return void socket.destroy()
      const end = asked.indexOf('\n')
      if (end < 0) return
      const line = asked.toString('utf8', 0, end)
      const rest = asked.subarray(end + 1)
      asked = NOTHING
      if (line.startsWith('{"operation":"mqtt"')) {
        socket.off('data', take).pause()
        if (rest.length > 0) socket.unshift(rest)
        attached.add(socket)
        attach(socket, (JSON.parse(line) as Question).args.esp_id ?? null)
      } else if (tail(socket, line, follow)) followers.add(socket)
      else void answer(context, line).then((result) => socket.end(`${JSON.stringify(result)}\n`))
    }
    socket.on('data', take)
  })
  await listenPrivately(server, path)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets)
          if (attached.has(socket)) socket.destroy()
          else if (followers.has(socket)) socket.end(FAREWELL)
          else socket.end()
      }),
  }
}

/** Turns the connection into a stream of events, when that is what it asks for. */
function tail(socket: Socket, line: string, follow: Follow): boolean {
  if (!line.startsWith('{"operation":"tail"')) return false
  const { types } = (JSON.parse(line) as Question).args
  const wanted = types ? new Set(types.split(',')) : undefined
  let missed = 0
  const stop = follow(
    (type) => wanted?.has(type) ?? !OPT_IN.has(type),
    (text) => {
      if (socket.writableLength > MOST_UNREAD) return void missed++
      if (missed > 0) socket.write(`${JSON.stringify({ skipped: missed })}\n`)
      missed = 0
      socket.write(`${text}\n`)
    },
  )
  socket.once('close', stop)
  return true
}

/** Born with mode 0600: there is no moment in which somebody else could connect. */
const listenPrivately = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const umask = process.umask(0o177)
    server.once('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve()
    })
    process.umask(umask)
  })

/** Asks the running server; undefined when none runs. Throws AdminError with the server's sentence. */
export function askServer(
  path: string,
  operation: string,
  args: Record<string, string | null>,
): Promise<unknown | undefined> {
  if (Buffer.byteLength(path) > MAX_PATH) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined)
      else reject(new AdminError(`the server's socket ${path} cannot be used: ${error.message}`))
    })
    socket.on('connect', () => socket.write(`${JSON.stringify({ operation, args })}\n`))
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('end', () => {
      if (!text) return reject(new AdminError('the server closed the connection without an answer'))
      const result = JSON.parse(text) as Answer
      if (result.ok) resolve(result.result ?? null)
      else reject(new AdminError(result.error))
    })
  })
}

/** A connection to the running server that speaks MQTT, as this device or as kaiser itself. */
export function mqttTo(path: string, esp_id: string | undefined): Duplex {
  const socket = connect(path)
  socket.write(`${JSON.stringify({ operation: 'mqtt', args: { esp_id: esp_id ?? null } })}\n`)
  return socket
}

/** How following ended: none runs, it stopped, or it was gone without a word. */
export type Followed = 'none' | 'stopped' | 'gone'

/**
 * Follows the events of the running server as long as it runs. `joined` is called when it is there; `take` gets each
 * line of JSON. Rejects with an AdminError when the socket cannot be used.
 */
export function followServer(
  path: string,
  types: string | null,
  { joined, take }: { joined: () => void; take: (line: string) => void },
): Promise<Followed> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let text = ''
    let wasThere = false
    let stopped = false
    socket.setEncoding('utf8')
    socket.on('error', (error: Error & { code?: string }) => {
      if (wasThere) resolve('gone')
      else if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve('none')
      else reject(new AdminError(`the server's socket ${path} cannot be used: ${error.message}`))
    })
    socket.on('connect', () => {
      wasThere = true
      socket.write(`${JSON.stringify({ operation: 'tail', args: { types } })}\n`)
      joined()
    })
    socket.on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n')
      text = lines.pop()!
      for (const line of lines)
        if (`${line}\n` === FAREWELL) stopped = true
        else take(line)
    })
    socket.on('end', () => resolve(stopped ? 'stopped' : 'gone'))
  })
}
