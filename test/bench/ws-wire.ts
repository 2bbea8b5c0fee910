/**
 * Just enough WebSocket to be a dashboard that costs next to nothing: the upgrade, a walk over frame headers, and
 * PONG. A frame's text is only cut out and decoded when somebody asked for it.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** An attached dashboard. */
export interface Dashboard {
  /** Text frames so far. */
  frames: number
  /** Why it is no longer open, unless we closed it. */
  lost: string | undefined
  /** Sends a text frame. */
  say(text: string): void
  close(): void
}

const PONG = 0x8a
const TEXT = 0x81

/** A masked frame of at most 65,535 bytes: what a client may send. */
function masked(opcode: number, body: Buffer): Buffer {
  const mask = randomBytes(4)
  const { length } = body
  return Buffer.concat([
    Buffer.from(length < 126 ? [opcode, 0x80 | length] : [opcode, 0xfe, length >> 8, length & 255]),
    mask,
    body.map((b, i) => b ^ mask[i & 3]!),
  ])
}

/** Attaches to a realtime socket. `frame` gets every text; without it frames are only counted. */
export function attach(
  host: string,
  port: number,
  path: string,
  frame?: (text: string) => void,
  counted?: () => void,
): Promise<Dashboard> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host, port, noDelay: true })
    const dashboard: Dashboard = {
      frames: 0,
      lost: undefined,
      say: (text) => void socket.write(masked(TEXT, Buffer.from(text))),
      close: () => socket.destroy(),
    }
    let rest: Buffer = Buffer.alloc(0)
    let upgraded = false
    socket.once('error', reject)
    socket.once('close', () => {
      dashboard.lost ??= 'the connection broke'
      reject(new Error('the realtime socket was closed before the upgrade'))
    })
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )

    function walk(): void {
      let at = 0
      const before = dashboard.frames
      while (rest.length - at >= 2) {
        const short = rest[at + 1]! & 127
        const header = short < 126 ? 2 : short === 126 ? 4 : 10
        if (rest.length - at < header) break
        const length =
          short < 126
            ? short
            : short === 126
              ? rest.readUInt16BE(at + 2)
              : Number(rest.readBigUInt64BE(at + 2))
        if (rest.length - at < header + length) break
        const opcode = rest[at]! & 15
        const from = at + header
        if (opcode === 1) {
          dashboard.frames++
          frame?.(rest.toString('utf8', from, from + length))
        } else if (opcode === 9) socket.write(masked(PONG, rest.subarray(from, from + length)))
        else if (opcode === 8) {
          const code = length < 2 ? 1005 : rest.readUInt16BE(from)
          dashboard.lost = `closed with ${code} ${rest.toString('utf8', from + 2, from + length)}`
          socket.destroy()
        }
        at = from + length
      }
      rest = rest.subarray(at)
      if (dashboard.frames !== before) counted?.()
    }

    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      if (!upgraded) {
        const end = rest.indexOf('\r\n\r\n')
        if (end < 0) return
        const status = rest.toString('latin1', 0, rest.indexOf('\r\n'))
        if (!status.includes(' 101 '))
          return void socket.destroy(new Error(`the realtime socket answered ${status}`))
        upgraded = true
        rest = rest.subarray(end + 4)
        resolve(dashboard)
      }
      walk()
    })
  })
}
