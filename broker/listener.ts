/**
 * A TCP port: binds, reports the port, hands each socket on, stops accepting. When it dies it is opened again
 * with backoff, because devices have nowhere else to go.
 */
import { createServer, type Server, type Socket } from 'node:net'

export interface ListenerOptions {
  host: string
  port: number
  accept: (socket: Socket) => void
  /** The listener died and is being reopened. */
  failed: (error: Error) => void
}

export interface Listener {
  readonly port: number
  /** It is open; false while it is being opened again. */
  readonly accepting: boolean
  close(): Promise<void>
}

const FIRST_RETRY = 1_000
const LAST_RETRY = 30_000

/** Rejects when the port cannot be bound. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  let closed = false
  let accepting = true
  let server = await open(options, options.port)
  const { port } = server.address() as { port: number }

  const reopen = async (wait: number): Promise<void> => {
    if (closed) return
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)).unref())
    if (closed) return
    try {
      server = await open(options, port)
      accepting = true
      watch()
    } catch (error) {
      options.failed(error as Error)
      void reopen(Math.min(wait * 2, LAST_RETRY))
    }
  }

  const watch = (): void => {
    server.once('error', (error) => {
      accepting = false
      options.failed(error)
      server.close()
      void reopen(FIRST_RETRY)
    })
  }
  watch()

  return {
    port,
    get accepting() {
      return accepting && !closed
    },
    close: () =>
      new Promise((resolve) => {
        closed = true
        // Sockets that are still open belong to the broker, which closes them after this.
        server.close(() => resolve())
        resolve()
      }),
  }
}

const open = ({ host, accept }: ListenerOptions, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, accept)
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => {
      server.removeListener('error', reject)
      resolve(server)
    })
  })
