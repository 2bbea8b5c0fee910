/**
 * `/api/v1/ws/realtime/{client_id}?token=`: who may listen, and what a listener may say. A token that is no
 * good is refused before the upgrade, cheaply, because pages knock again for ever. Rules: rest-contract §15.
 */

import type {
  HttpRequest,
  HttpResponse,
  us_socket_context_t,
  WebSocket,
  WebSocketBehavior,
} from 'uWebSockets.js'
import { Compile } from 'typebox/compile'
import { ClientFrame } from '../routing/contract/events.js'
import { refuse } from './http.js'
import type { Hub } from './hub.js'
import { Subscriber } from './subscriber.js'
import type { Claims, Tokens } from './tokens.js'

interface Listening {
  client_id: string
  claims: Claims
  subscriber: Subscriber | undefined
}

export interface RealtimeOptions {
  hub: Hub
  tokens: Tokens
  /** Frames per second and client, 0 for no limit. */
  rate: number
  /** The name a sensor type is stored under. */
  normalise: (sensor_type: string) => string
  monotonic: () => number
  /** A client said something that is no frame of ours. */
  misunderstood: (client_id: string, detail: string) => void
}

const CLIENT_ID = /^[\x21-\x7e]{1,128}$/
const MAX_FRAME = 65_536
const MAX_SUBSCRIBERS = 5_000
const POLICY_VIOLATION = 1008
const frames = Compile(ClientFrame)

export function realtimeSocket(options: RealtimeOptions): WebSocketBehavior<Listening> {
  const { hub, tokens } = options

  const upgrade = (res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void => {
    const client_id = decode(req.getParameter(0) ?? '')
    const token = req.getQuery('token') ?? ''
    const key = req.getHeader('sec-websocket-key')
    const protocol = req.getHeader('sec-websocket-protocol')
    const extensions = req.getHeader('sec-websocket-extensions')
    if (!CLIENT_ID.test(client_id))
      return refuse(res, 'request_invalid', 'client_id is 1 to 128 printable characters')
    if (hub.size >= MAX_SUBSCRIBERS) return refuse(res, 'connections_full', 'Too many realtime clients')

    // At once: an upgrade inside a later cork is, where the socket keeps its address, taken for the HTTP
    // response it was, and uWS may close it.
    const claims = tokens.verifyNow(decode(token), 'access', 'ticket')
    if (!claims) return refuse(res, 'not_authenticated', 'The token is missing, wrong or expired')
    if (!claims.user.is_active) return refuse(res, 'account_inactive')
    res.upgrade<Listening>({ client_id, claims, subscriber: undefined }, key, protocol, extensions, context)
  }

  const understand = (text: string): { frame?: ClientFrame; detail?: string } => {
    let frame: unknown
    try {
      frame = JSON.parse(text)
    } catch {
      return { detail: 'a frame is JSON: {"action":"subscribe","filters":{…}}' }
    }
    if (frames.Check(frame)) return { frame }
    return { detail: 'action is subscribe or unsubscribe; filters are lists of words' }
  }

  return {
    compression: 0,
    maxPayloadLength: MAX_FRAME,
    maxBackpressure: 67_108_864,
    idleTimeout: 120,
    sendPingsAutomatically: true,
    upgrade,

    open(ws) {
      const data = ws.getUserData()
      data.subscriber = new Subscriber(
        socketOf(ws),
        options.rate,
        options.monotonic,
        hub.failed,
        options.normalise,
      )
      data.subscriber.stands = () => tokens.stands(data.claims)
      hub.join(data.client_id, data.subscriber)
    },

    message(ws, message, isBinary) {
      const { client_id, subscriber } = ws.getUserData()
      const { frame, detail } = isBinary
        ? { detail: 'a frame is text' }
        : understand(Buffer.from(message).toString('utf8'))
      if (!frame) {
        options.misunderstood(client_id, detail ?? '')
        // Unknown words are forgiven, as the original does; what is no JSON at all is not.
        if (isBinary || detail?.startsWith('a frame')) subscriber?.close(POLICY_VIOLATION, detail ?? '')
        return
      }
      if (frame.action === 'subscribe') subscriber?.subscribe(frame.filters, frame.batch === true)
      else subscriber?.unsubscribe(frame.filters)
    },

    drain(ws) {
      ws.getUserData().subscriber?.resume()
    },

    close(ws) {
      const { client_id, subscriber } = ws.getUserData()
      if (subscriber) hub.leave(client_id, subscriber)
    },
  }
}

const socketOf = (ws: WebSocket<Listening>) => ({
  send: (frame: string) => void ws.send(frame),
  buffered: () => ws.getBufferedAmount(),
  cork: (work: () => void) => void ws.cork(work),
  close: (code: number, reason: string) => void ws.end(code, reason),
})

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
