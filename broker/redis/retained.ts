/**
 * Retained messages, in Redis by aedes-persistence-redis. What is retained or cleared while Redis is lost is kept in
 * memory, handed to those who subscribe meanwhile, and written when Redis is back; the older ones are out of reach
 * until then.
 */
import { matchesFilter } from '../../routing/contract/topics.js'
import type { Aside } from './aside.js'
import type { Line } from './line.js'
import type { Link } from './link.js'
import type { Packet } from './packet.js'
import { storeOf } from './store.js'

/** The hash of aedes-persistence-redis. */
const KEY = 'retained'
/** What Redis takes for a pattern, and MQTT for a letter. */
const GLOB = /[*?[\]\\^]/

export interface RetainedOptions {
  link: Pick<Link, 'attempt'>
  aside: Aside
  /** Most retained messages. */
  bound: number
  full: (topic: string) => void
}

export interface Retained {
  /**
   * Resolves when it is in Redis or on this disk; unless `surely`, a disk that takes its time is not waited for.
   * Rejects when the disk does not take it.
   */
  store(packet: Packet, surely: boolean): Promise<void>
  find(filters: readonly string[]): Promise<Packet[]>
  carryOver(line: Line): Promise<void>
}

const clears = (packet: Packet): boolean => packet.payload.length === 0

export function createRetained({ link, aside, bound, full }: RetainedOptions): Retained {
  const write = async (line: Line, packet: Packet): Promise<void> => {
    if (!clears(packet)) {
      const [count, known] = await Promise.all([
        line.commands.hlen(KEY),
        line.commands.hexists(KEY, packet.topic),
      ])
      if (count >= bound && known === 0) return full(packet.topic)
    }
    await storeOf(line).storeRetained(packet)
  }

  const read = async (line: Line, filters: readonly string[]): Promise<Packet[]> => {
    // It asks Redis for what begins like the filters; a filter that Redis would misread is compared here.
    const misread = filters.some((filter) => GLOB.test(filter))
    const found = new Map<string, Packet>()
    for await (const packet of storeOf(line).createRetainedStreamCombi(misread ? ['#'] : [...filters]))
      if (!misread || filters.some((filter) => matchesFilter(filter, packet.topic)))
        found.set(packet.topic, packet as unknown as Packet)
    return [...found.values()]
  }

  return {
    store: (packet, surely) =>
      link.attempt(
        (line) => write(line, packet),
        () => (aside.retain(packet) ? aside.onDisk(surely) : full(packet.topic)),
      ),
    find: (filters) =>
      link.attempt(
        (line) => read(line, filters),
        () =>
          aside
            .retained()
            .filter(
              (packet) => !clears(packet) && filters.some((filter) => matchesFilter(filter, packet.topic)),
            ),
      ),
    async carryOver(line) {
      for (const packet of aside.retained()) {
        await write(line, packet)
        aside.carried(packet)
      }
    },
  }
}
