/** The memory of a kaiser that is alone: everything in its own database, in the group commits of the readings. */
import mqemitter from 'mqemitter'
import { ownerOf } from '../access.js'
import type { Memory, MemoryOptions } from '../memory.js'
import type { Kept } from '../sys-topics.js'
import { followSessions, type Live } from './live.js'
import type { AedesPacket } from './persistence.js'
import { createSessionState, type SessionState } from './session-state.js'

/** Messages that may wait for a slow subscriber at the same time; each connection has a bound of its own. */
const UNLIMITED = 0

function count({ sessions, retained, queues }: SessionState, expired: number): Kept {
  let absent = 0
  let messages = 0
  for (const { outlet, size } of sessions.all.values()) {
    if (!outlet) absent++
    messages += size
  }
  return {
    absent,
    expired,
    queued: { messages, bytes: queues.bytes },
    retained: { messages: retained.size, bytes: retained.bytes },
  }
}

export function openOwnMemory(options: MemoryOptions): Memory {
  let expired = 0
  let live: Live | undefined
  const state = createSessionState({
    ...options,
    expiry: options.sessionExpiry,
    report(code, who, fields) {
      if (code === 'session_expired') expired++
      options.report(code, who, fields)
    },
  })
  const mq = mqemitter({ concurrency: UNLIMITED, matchEmptyLevels: true })
  return {
    mq,
    persistence: state.persistence,
    hooks: {
      keep: state.keeping.take,
      refused: (client, filter) => state.persistence.refused(client, filter),
    },
    wide: false,
    forward: (client, packet) => state.forward(client, packet as AedesPacket),
    hears: () => false,
    ownerOf: (client_id) => state.sessions.find(client_id)?.owner,
    claim: (client_id, identity) => state.sessions.claim(client_id, ownerOf(identity)),
    end(client_id) {
      const session = state.sessions.find(client_id)
      if (!session || session.outlet) return false
      state.sessions.end(session)
      return true
    },
    queueOf(client_id) {
      const { size = 0, bytes = 0 } = state.sessions.find(client_id) ?? {}
      return { messages: size, bytes }
    },
    mayRetain: (topic) => state.retained.has(topic),
    keep: (packet) => state.keeping.keep(packet as AedesPacket),
    elsewhere: undefined,
    here: (packet) => void mq.emit(packet as never),
    // Its session gives it another one.
    taken: () => false,
    kept: () => count(state, expired),
    status: () => undefined,
    serve({ willGrace, tellHere: _, ...served }) {
      live = followSessions({ ...served, state, report: options.report, grace: willGrace })
    },
    leave: (client) => live?.leave(client),
    settle: () => live?.close(),
    close: () => Promise.resolve(),
  }
}
