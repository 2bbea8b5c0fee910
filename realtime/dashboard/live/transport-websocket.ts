/**
 * The realtime socket of kaiser: a ticket, one subscription, replays of what was missed. Every few minutes it is told
 * another ticket, so that it outlives the token it began with.
 */
import { call } from '../api.js'
import { newClientId, PATIENCE, socketAt, type Transport } from './transport.js'

const REPLACED = 1000
/** Well before a token ends, ms: it lives half an hour. */
const RENEW_EVERY = 600_000

export interface Subscription {
  /** Empty lists ask for everything, except for what must be named. */
  readonly filters: { readonly types?: readonly string[] }
  /** What leaves together is one frame. */
  readonly batch?: boolean
  /** Frames a second, 0 for all; left out: what the server gives everybody. */
  readonly rate?: number
}

const ticketNow = async (): Promise<string> =>
  (await call<{ ticket: string }>('POST', '/auth/ws-ticket')).ticket

/** Ways under one name: a second connection takes the place of the first. */
export function overWebSocket(subscription: Subscription): Transport {
  const path = `/api/v1/ws/realtime/${newClientId()}`
  const subscribe = JSON.stringify({ action: 'subscribe', ...subscription })

  return async (hearing) => {
    const ticket = await ticketNow()
    const socket = new WebSocket(`${socketAt(path)}?token=${encodeURIComponent(ticket)}`)
    let renewing: ReturnType<typeof setInterval> | undefined
    let isOver = false
    const end = (): void => {
      isOver = true
      clearTimeout(patience)
      clearInterval(renewing)
      socket.close(1000, 'Client disconnect')
    }
    const ended = (code?: number): void => {
      if (isOver) return
      end()
      hearing.ended(code === REPLACED ? 'replaced' : 'lost')
    }
    const say = (frame: object): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
    }
    const renew = async (): Promise<void> => {
      try {
        say({ action: 'renew', token: await ticketNow() })
      } catch {
        // There is time for another try; a session that is over says so itself.
      }
    }
    const patience = setTimeout(ended, PATIENCE)

    socket.onopen = () => {
      if (isOver) return
      clearTimeout(patience)
      renewing = setInterval(renew, RENEW_EVERY)
      socket.send(subscribe)
      hearing.opened()
    }
    socket.onmessage = ({ data }) => {
      if (!isOver && typeof data === 'string') hearing.frame(data)
    }
    socket.onclose = ({ code }) => ended(code)
    return {
      // Subscribing again changes nothing, but a peer that has forgotten this socket resets it.
      probe: () => socket.readyState === WebSocket.OPEN && socket.send(subscribe),
      replay(since) {
        say({ action: 'replay', since })
        return true
      },
      close: end,
    }
  }
}
