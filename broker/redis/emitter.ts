/**
 * What Aedes publishes through: the clients of this node hear it at once, whatever Redis does; the other nodes hear
 * it through Redis, and what they must hear waits while it is lost.
 */
import mqemitter, { type Message, type MQEmitter } from 'mqemitter'
import type { Link } from './link.js'
import type { Packet } from './packet.js'
import type { Spool } from './spool.js'
import type { Wire } from './wire.js'

export interface EmitterOptions {
  concurrency: number
  link: Pick<Link, 'attempt'>
  wire: () => Wire
  spool: Spool
  /** A message without a promise did not reach the other nodes. */
  unsent: () => void
}

export interface ClusterEmitter {
  /** For Aedes. */
  readonly mq: MQEmitter
  /** Says something to the clients of this node only. */
  here(packet: Packet, done?: () => void): void
}

/** Figures of a node about itself; on another node they would be wrong. */
const OWN = '$SYS/broker/'
/** What nodes say about themselves; when they meet again they say it again. */
const SYSTEM = '$SYS/'

const promises = ({ qos, retain, topic }: Packet): boolean => (qos > 0 || retain) && !topic.startsWith(SYSTEM)

export function createClusterEmitter({
  concurrency,
  link,
  wire,
  spool,
  unsent,
}: EmitterOptions): ClusterEmitter {
  const mq = mqemitter({ concurrency, matchEmptyLevels: true })
  const here = mq.emit.bind(mq)

  const there = (packet: Packet): Promise<void> =>
    link.attempt(
      () => wire().send(packet),
      () => {
        if (promises(packet)) spool.push(packet)
        else if (!packet.topic.startsWith(SYSTEM)) unsent()
      },
    )

  mq.emit = (message: Message, done?: (error?: Error) => void) => {
    const packet = message as unknown as Packet
    let open = 2
    const settled = (): void => {
      open--
      if (open === 0) done?.()
    }
    here(message, settled)
    if (packet.topic.startsWith(OWN)) settled()
    else there(packet).then(settled, settled)
  }

  return { mq, here: (packet, done) => void here(packet as unknown as Message, done) }
}
