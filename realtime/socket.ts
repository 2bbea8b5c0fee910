/**
 * `/api/v1/ws/realtime/{client_id}?token=`: who may listen; client-frames.ts is what a listener may say. A token that is no
 * good is refused before the upgrade, cheaply, because pages knock again for ever. Rules: rest-contract §15.
 */

import type {
  HttpRequest,
  HttpResponse,
  us_socket_context_t,
  WebSocket,
  WebSocketBehavior,
} from 'uWebSockets.js'
import {
  type ClientFramesOptions,
  createClientFrames,
  type Listening,
  lastsUntil,
  understand,
} from './client-frames.js'
import { POLICY_VIOLATION } from './close-codes.js'
import { refuse } from './http.js'
import { Subscriber } from './subscriber.js'

export interface RealtimeOptions extends ClientFramesOptions {
  /** The name a sensor type is stored under. */
  normalise: (sensor_type: string) => string
}

const CLIENT_ID = /^[\x21-\x7e]{1,128}$/
const MAX_FRAME = 65_536
const MAX_SUBSCRIBERS = 5_000

export function realtimeSocket(options: RealtimeOptions): WebSocketBehavior<Listening> {
  const { hub, tokens, now } = options
  const said = createClientFrames(options)

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
    // The original's page has an access token and no way to bring another: it stays as long as its session.
    const until = claims.type === 'ticket' ? lastsUntil(claims, now()) : undefined
    res.upgrade<Listening>(
      { client_id, claims, until, subscriber: undefined },
      key,
      protocol,
      extensions,
      context,
    )
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
        hub.inTurn,
        options.normalise,
      )
      data.subscriber.stands = () =>
        (data.until === undefined || now() < data.until) && tokens.stands(data.claims)
      hub.join(data.client_id, data.subscriber)
    },

    message(ws, message, isBinary) {
      const data = ws.getUserData()
      const heard = isBinary
        ? { detail: 'a frame is text', isJson: false }
        : understand(Buffer.from(message).toString('utf8'))
      if ('frame' in heard) return said.take(data, heard.frame)
      // Unknown words are forgiven, as the original does; what is no JSON at all is not.
      said.misunderstood(data, heard.detail)
      if (!heard.isJson) data.subscriber?.close(POLICY_VIOLATION, heard.detail)
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
