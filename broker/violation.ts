/** A client broke the protocol or a bound: its connection is closed [MQTT-4.8.0-1], and the code says for what. */
export class Violation extends Error {
  override name = 'Violation'
  readonly code:
    | 'protocol_violation'
    | 'packet_too_large'
    | 'inbound_full'
    | 'topic_too_long'
    | 'unacknowledged_full'
    | 'redis_backlog_full'
  constructor(code: Violation['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Throws the violation of a clause of MQTT 3.1.1. */
export const violates = (clause: string, what: string): never => {
  throw new Violation('protocol_violation', `${what} [${clause}]`)
}
